import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Kysely } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'

export interface FirstAccountOptions {
  readonly db: Kysely<Tables>
  /** SESSION_SECRET, or what was generated beside the embedded database. The first makes the code. */
  readonly secrets: readonly string[]
}

/**
 * The code of whoever may make the first account, and is the administrator then. It is made of the secret and of what the
 * database is. So it is stored nowhere, is the same after a restart and in every process, and nobody else knows it. Once
 * there is an account it lets nobody in; after the last one was removed there is another. Both methods throw StorageError.
 */
export class FirstAccount {
  readonly #options: FirstAccountOptions

  constructor(options: FirstAccountOptions) {
    this.#options = options
  }

  /** 128 bits, base64url. */
  async code(): Promise<string> {
    const [code = ''] = await this.#codes()
    return code
  }

  /** Takes the same time for every code of this length. @param code as it was sent */
  async isRight(code: string): Promise<boolean> {
    const given = Buffer.from(code)
    const rights = (await this.#codes()).map((right) => Buffer.from(right))
    return rights.filter((right) => right.length === given.length && timingSafeEqual(right, given)).length > 0
  }

  /** One for each secret: another process may sign with another of them while they are exchanged. */
  async #codes(): Promise<readonly string[]> {
    const { db, secrets } = this.#options
    const [ledger, removed] = await Promise.all([
      db.selectFrom('ledger').select('id').executeTakeFirst(),
      db
        .selectFrom('endings')
        .select('n')
        .where('kind', '=', 'account')
        .orderBy('n', 'desc')
        .limit(1)
        .executeTakeFirst()
    ])
    const what = `first account of ${ledger?.id} after ${removed?.n ?? 0}`
    return secrets.map((secret) => createHmac('sha256', secret).update(what).digest('base64url').slice(0, 22))
  }
}
