import './children.ts'

import { registerHooks } from 'node:module'

/*
 * Loaded before tap, see .taprc. tap uses async-hook-domain to follow every promise and find the test that
 * has thrown. That takes an eighth of all CPU time, and here one test of a process runs at a time.
 */
registerHooks({
  resolve: (specifier, context, nextResolve) =>
    specifier === 'async-hook-domain'
      ? nextResolve(new URL('running-test.ts', import.meta.url).href, context)
      : nextResolve(specifier, context)
})
