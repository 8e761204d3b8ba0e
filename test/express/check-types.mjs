import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * `node check-types.mjs FOLDER COMPILER CELLS` checks programs as `tsc` without skipLibCheck would, but of the packages only
 * Latchkey and @types/express-session. Programs share what they parse. Prints each fault in a line.
 */
const [, , folder, compiler, cells] = process.argv
const ts = createRequire(join(folder, 'package.json'))(compiler)
const parsed = new Map()

for (const { files, options } of JSON.parse(readFileSync(join(folder, cells), 'utf8'))) {
  const converted = ts.convertCompilerOptionsFromJson(options, folder)
  const host = ts.createCompilerHost(converted.options)
  const { getSourceFile } = host
  host.getSourceFile = (file, as) => {
    const key = `${file} ${as.impliedNodeFormat} ${options.module}`
    if (!parsed.has(key)) parsed.set(key, getSourceFile(file, as))
    return parsed.get(key)
  }
  const program = ts.createProgram(files, converted.options, host)
  const checked = program.getSourceFiles().filter(({ fileName }) => isChecked(fileName))
  const faults = [
    ...converted.errors,
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...checked.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file)
    ])
  ]
  for (const { file, messageText } of faults)
    console.log(file?.fileName ?? '', ts.flattenDiagnosticMessageText(messageText, ' '))
  if (checked.length < files.length + 2) console.log(`Only ${checked.length} files are checked`)
}

function isChecked(file) {
  return !file.includes('/node_modules/') || /\/node_modules\/(latchkey|@types\/express-session)\//.test(file)
}
