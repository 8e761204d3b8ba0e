import { GroupRequiredError } from '../errors/errors.ts'
import { isAccountId } from '../identity/account-id.ts'
import { nameKey } from '../identity/names.ts'
import { accountOf, type SessionRecord } from '../sessions/session-record.ts'
import { LatchkeyStore } from './store/latchkey-store.ts'
import type { Request } from './strict/middleware.ts'

/**
 * Decides by what the account is now, which is one question to the accounts database.
 * @param groups one of them is enough, in any spelling
 * @throws {GroupRequiredError} also for whom an app knows by a name alone: it has no account
 * @throws {TypeError} when the store knows no accounts database
 * @throws {StorageError}
 */
export async function mustBeIn(
  { sessionStore: store }: Request,
  session: Readonly<Partial<SessionRecord>>,
  groups: string | readonly string[]
): Promise<void> {
  const present = store instanceof LatchkeyStore ? await store.presentAccounts() : undefined
  if (!present) throw new TypeError(unknown)
  const id = accountOf(session)
  const account = id !== undefined && isAccountId(id) ? await present.find(id) : undefined
  if (![groups].flat().some((name) => account?.groupKeys.has(nameKey(name)))) throw new GroupRequiredError()
}

const unknown =
  'requireUser({ group }) needs the accounts database: with sessions in Redis set ACCOUNTS_URL to the DATABASE_URL of the service'
