/** A change of a source file while it is loaded. */
export interface Rewrite {
  /** Path from the project's folder. */
  readonly file: string
  /** Every occurrence is replaced; there must be one. */
  readonly find: string
  readonly replace: string
}

/** A fault that the nemesis has to find. */
export interface Plant {
  readonly what: string
  readonly rewrites: readonly Rewrite[]
}

export const plants: Readonly<Record<string, Plant>> = {
  'cache-is-never-told': {
    what: 'a process is not told of what others ended',
    rewrites: [
      {
        file: 'src/sessions/cache/redis-invalidation.ts',
        find: 'const told = Array.isArray(keys)',
        replace: 'return; const told = Array.isArray(keys)'
      }
    ]
  }
}
