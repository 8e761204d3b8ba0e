/**
 * Imported before anything of src/, it deletes src/express/fast-path/ for this process and the programs that it
 * starts: its one door lets everything through as it is, and nothing else of it is there to be loaded.
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

/** How a test says that a program it starts is to be without too: see project.ts. */
process.env.WITHOUT_FAST_PATH = import.meta.url
