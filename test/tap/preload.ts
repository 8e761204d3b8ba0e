import './children.ts'
import './clock.ts'
import '../servers/end-children.ts'

import { registerHooks } from 'node:module'

/*
 * Loaded before tap, see .taprc. tap uses async-hook-domain to follow every promise and find the test that
 * has thrown. That takes an eighth of all CPU time, and here one test of a process runs at a time.
 * Two files of tap import it; then the hook goes, because every later import would pass it.
 */
let importers = 2
const hook = registerHooks({
  resolve: (specifier, context, nextResolve) => {
    if (specifier !== 'async-hook-domain') return nextResolve(specifier, context)
    importers -= 1
    if (importers === 0) hook.deregister()
    return nextResolve(new URL('running-test.ts', import.meta.url).href, context)
  }
})
