/*
 * tap lets every Node process that a test starts load parts of tap and count coverage, npm's too, which takes
 * as long as most of them run. Here only processes with `countsCoverage` in their environment do: for code
 * that no test reaches otherwise.
 */
interface Spawned {
  env: NodeJS.ProcessEnv
}

/** The environment of a process whose coverage counts. */
export const countsCoverage = { COUNTS_COVERAGE: '1' }

const partOfTap = /\s*"?--import="?[^"\s]*@tapjs\/processinfo[^"\s]*"?/g

export function leaveAlone(spawned: Spawned): void {
  const { COUNTS_COVERAGE, _TAPJS_PROCESSINFO_COVERAGE_, NODE_OPTIONS = '', ...env } = spawned.env
  if (COUNTS_COVERAGE && _TAPJS_PROCESSINFO_COVERAGE_ === '1') return
  const others = NODE_OPTIONS.replace(partOfTap, '').trim()
  spawned.env = others ? { ...env, NODE_OPTIONS: others } : env
}

/** Hooks of tap that tell a process what to load before it is spawned; the last one wins. */
const tellers = Reflect.get(globalThis, Symbol.for('process-on-spawn@*:singletonId'))
tellers?.listeners.push(leaveAlone)
