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
  /** Why no history of the nemesis shows it, or hardly any; a test does. */
  readonly shownBy?: { readonly because: string; readonly test: string; readonly title: string }
  readonly rewrites: readonly Rewrite[]
}

const redisEndings = 'src/endings/redis-endings.ts'
const ledgerEndings = 'src/endings/ledger-endings.ts'
const cachedStore = 'src/sessions/cache/cached-store.ts'

export const plants: Readonly<Record<string, Plant>> = {
  'mark-moved-by-an-ending': {
    what: 'who ends a session moves the mark to the last row of the ledger',
    rewrites: [
      {
        file: ledgerEndings,
        find: 'await ledger.log(ending).catch(async () => {',
        replace: `const moving = async () => {
      const { mark } = await this.keys()
      await ledger.log(ending)
      const [n, nonce] = await redis.hmget(mark, 'n', 'nonce')
      const last = (await ledger.after({ n: Number(n ?? 0), nonce: nonce ?? '' }, 1000))?.at(-1)
      if (last) await redis.hset(mark, 'n', last.n, 'nonce', last.nonce)
    }
    await moving().catch(async () => {`
      }
    ]
  },
  'no-lock': {
    what: 'numbers of the ledger are not in the order of the commits',
    rewrites: [
      {
        file: 'src/database/endings-schema.ts',
        find: "PERFORM pg_advisory_xact_lock(hashtext('latchkey endings'), TG_RELID::integer);",
        replace: 'PERFORM 1;'
      },
      {
        file: 'src/database/endings-schema.ts',
        find: '    RETURN NULL;\n  END $$`,\n  `CREATE TRIGGER accounts_changed',
        replace:
          '    PERFORM pg_sleep(random() * 0.2);\n    RETURN NULL;\n  END $$`,\n  `CREATE TRIGGER accounts_changed'
      }
    ]
  },
  'no-poll-after-connecting': {
    what: 'after a new connection, and while it is open, nobody follows the ledger or compares the mark',
    rewrites: [
      { file: redisEndings, find: "redis.on('close', () => this.distrust())", replace: '' },
      { file: redisEndings, find: "redis.on('ready', () => this.#followSoon())", replace: '' },
      { file: redisEndings, find: 'this.#running || this.#followSoon()', replace: 'undefined' },
      {
        file: redisEndings,
        find: 'const { era, n } = this.#seen\n',
        replace: 'const [era, n] = [0, 0]\n'
      }
    ]
  },
  'undeclared-tracked-key': {
    what: 'floors are not published: a script reads them, but keys that it finds by itself are not tracked',
    rewrites: [
      {
        file: 'src/endings/redis-scripts.ts',
        find: 'if #floors > 0 or mark[3] ~= ARGV[6] then',
        replace: 'if mark[3] ~= ARGV[6] then'
      }
    ]
  },
  'no-ring': {
    what: 'an answer that was under way while something was told is cached',
    shownBy: {
      because:
        'the end has to come in the milliseconds between an answer and a notice on two connections of one process',
      test: 'test/sessions/cache/cached-store.test.ts',
      title: 'a session that changes while it is read is not cached'
    },
    rewrites: [
      {
        file: cachedStore,
        find: 'if (this.#cached.get(key) === reading) this.#cache(key, session)',
        replace: 'this.#cache(key, session)'
      },
      {
        file: cachedStore,
        find: 'this.#isOver(key, known, this.#verdicts) ? undefined : known',
        replace: 'this.#isOver(key, known, this.#verdicts) ? known : known'
      },
      {
        file: cachedStore,
        find: 'this.#tell()\n        for (const owner',
        replace: 'this.#forget()\n        for (const owner'
      },
      {
        file: redisEndings,
        find: 'if (told.isOver(claim) || (held && heldKeep !== key)) return undefined',
        replace: 'if (held && heldKeep !== key) return undefined'
      }
    ]
  },
  'stamping-at-save': {
    what: 'a session is of the epoch at the time when it is stored',
    rewrites: [
      {
        file: 'plugins/session/new-sessions.ts',
        find: 'const reserved = { ...authorityOf(account), accountProofs',
        replace:
          'const reserved = { ...authorityOf(account), epoch: (await accounts.find(account.name))?.version ?? 0, accountProofs'
      },
      {
        file: 'plugins/session/new-sessions.ts',
        find: 'if (!(await accounts.isUnchangedSince(whenBegun(account))))',
        replace: 'if (Math.random() > 2)'
      }
    ]
  },
  'confirming-raises-the-epoch': {
    what: 'a confirmation stamps the epoch of the account on a session that may have ended',
    shownBy: {
      because: 'all of it has to come between the commit of a change and its floor in Redis',
      test: 'test/stories/an-ended-session-cannot-be-confirmed.test.ts',
      title: 'does not bring over a session that ended before Redis knew'
    },
    rewrites: [
      {
        file: 'plugins/session/rotate-session.ts',
        find: 'const { epoch, ...authority } = authorityOf(account)',
        replace: 'const authority = authorityOf(account)'
      }
    ]
  },
  'merging-the-secret': {
    what: 'a request that saves brings back the secret that it has read',
    rewrites: [
      {
        file: 'src/sessions/record-change.ts',
        find: 'const merged = { ...theirs }',
        replace: 'const merged = { ...theirs, ...(before.secret && { secret: before.secret }) }'
      },
      {
        file: 'src/sessions/session-updates.ts',
        find: 'if (genOf(theirs) !== genOf(before)) return false',
        replace: ''
      }
    ]
  },
  'sweeping-without-comparing': {
    what: 'what was listed is deleted without a look at its epoch',
    rewrites: [
      {
        file: 'src/sessions/stores/redis-lists.ts',
        find: 'await (below === undefined',
        replace: 'await (below === undefined || keys'
      }
    ]
  },
  'no-epochs': {
    what: 'the epoch of a session is not compared',
    rewrites: [
      {
        file: 'src/endings/judge.ts',
        find: 'return floor !== undefined && epoch < floor.epoch && key !== floor.keep',
        replace: 'return floor !== undefined && epoch < -1 && key !== floor.keep'
      }
    ]
  },
  'nothing-is-told': {
    what: 'a process is not told of what others ended',
    rewrites: [
      {
        file: 'src/sessions/cache/redis-invalidation.ts',
        find: 'const told = Array.isArray(keys)',
        replace: 'if (Math.random() < 2) return\n    const told = Array.isArray(keys)'
      }
    ]
  },
  'adopting-with-todays-epoch': {
    what: 'a session of a name that another program wrote is of the epoch at its first use',
    shownBy: {
      because: 'no program of others stores sessions in a run',
      test: 'test/endings/redis-endings.test.ts',
      title: 'what another program stored and somebody ends at its first use is over'
    },
    rewrites: [
      {
        file: 'src/sessions/session-reads.ts',
        find: 'const record = { ...loaded.record, cookie, startedAt: this.#now() }',
        replace: `const epoch = (loaded.record.user && (await this.#store.epochOfName?.(\`name:\${loaded.record.user}\`))) || 0
    const record = { ...loaded.record, cookie, startedAt: this.#now(), epoch }`
      },
      {
        file: 'src/sessions/session-reads.ts',
        find: '  #adopt(',
        replace: '  async #adopt('
      }
    ]
  },
  'autoincrement-off': {
    what: 'SQLite gives the number of a deleted row of the ledger again',
    shownBy: {
      because: 'rows are deleted when what they ended would have expired, which takes weeks',
      test: 'test/endings/ledger.test.ts',
      title: 'rows are swept when they are over, and nobody takes that for a ledger that went back'
    },
    rewrites: [
      {
        file: 'src/database/endings-schema.ts',
        find: 'isSqlite ? column.primaryKey().autoIncrement()',
        replace: 'isSqlite ? column.primaryKey()'
      }
    ]
  },
  'nothing-is-logged': {
    what: 'the end of a session is not written down in the database',
    rewrites: [
      {
        file: ledgerEndings,
        find: 'await ledger.log(ending).catch(async () => {',
        replace: 'if (Math.random() < 2) return\n    await ledger.log(ending).catch(async () => {'
      }
    ]
  }
}
