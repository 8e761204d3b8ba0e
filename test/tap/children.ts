/*
 * tap has every process of Node that a test starts load a part of it and count its coverage, npm's too. That takes as
 * long as most of them run. Here it is those whose environment has `countsCoverage`: what no test reaches otherwise.
 */
interface Spawned {
  env: NodeJS.ProcessEnv
}

/** For the environment of a process whose coverage counts. */
export const countsCoverage = { COUNTS_COVERAGE: '1' }

const partOfTap = /\s*"?--import="?[^"\s]*@tapjs\/processinfo[^"\s]*"?/g

export function leaveAlone(spawned: Spawned): void {
  const { COUNTS_COVERAGE, _TAPJS_PROCESSINFO_COVERAGE_, NODE_OPTIONS = '', ...env } = spawned.env
  if (COUNTS_COVERAGE && _TAPJS_PROCESSINFO_COVERAGE_ === '1') return
  const others = NODE_OPTIONS.replace(partOfTap, '').trim()
  spawned.env = others ? { ...env, NODE_OPTIONS: others } : env
}

/** Where tap tells a process, before it is spawned, what to load: the last to be asked has the last word. */
const tellers = Reflect.get(globalThis, Symbol.for('process-on-spawn@*:singletonId'))
tellers?.listeners.push(leaveAlone)
