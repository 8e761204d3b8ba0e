/**
 * Imported before anything of src/, it removes src/express/fast-path/ for this process and its children: its
 * only entry passes everything through, and none of its other files can be loaded.
 */
import { registerHooks } from 'node:module'

const folder = '/src/express/fast-path/'
const door = `${folder}fast-path.ts`
const source = 'export const skipReads = (expressSession) => expressSession'

registerHooks({
  load(url, context, next) {
    if (url.endsWith(door)) return { format: 'module', source, shortCircuit: true }
    if (url.includes(folder)) throw new Error(`${url} is loaded, and the fast path is deleted`)
    return next(url, context)
  }
})

/** Tells programs that a test starts to do the same: see project.ts. */
process.env.WITHOUT_FAST_PATH = import.meta.url
