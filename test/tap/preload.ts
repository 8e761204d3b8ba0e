import './children.ts'

import { registerHooks } from 'node:module'

/*
 * Before tap is loaded, see .taprc. tap has async-hook-domain follow every promise, to know which of the tests that
 * run at the same time has thrown. That takes an eighth of all the CPU, and here one test of a process runs at a time.
 */
registerHooks({
  resolve: (specifier, context, nextResolve) =>
    specifier === 'async-hook-domain'
      ? nextResolve(new URL('running-test.ts', import.meta.url).href, context)
      : nextResolve(specifier, context)
})
