import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

// Imported before a program: notes every file that it loads as a module, and at its end writes them to NOTED_MODULES, as JSON,
// and what CPU it took in milliseconds.
const { NOTED_MODULES: target } = process.env
const root = fileURLToPath(new URL('..', import.meta.url))
const modules: string[] = []

if (target) {
  registerHooks({
    load(url, context, nextLoad) {
      if (url.startsWith('file:')) modules.push(relative(root, fileURLToPath(url)))
      return nextLoad(url, context)
    }
  })
  process.on('exit', () => {
    // Part of Node, and as large as a package: loaded by some imports of node:http.
    const builtIn: readonly string[] = Reflect.get(process, 'moduleLoadList')
    if (builtIn.includes('NativeModule internal/deps/undici/undici')) modules.push('node:undici')
    writeFileSync(target, JSON.stringify(modules))
  })
}
