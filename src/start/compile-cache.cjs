// Most of a start goes into reading code, and that is the same each time, so Node keeps what it has compiled. In its default
// folder, which all users of the machine share, whoever comes first could put code of theirs; so it is in node_modules. Where
// that is not writable, nothing is kept.
const { enableCompileCache } = require('node:module')
const { join } = require('node:path')

const [inPackages] = /^.*[\\/]node_modules(?=[\\/])/.exec(__dirname) ?? []
enableCompileCache?.(join(inPackages ?? join(__dirname, '../../node_modules'), '.cache', 'latchkey'))
