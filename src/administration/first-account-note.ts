import type { FirstAccount } from '../accounts/first-account.ts'
import type { Registration } from '../accounts/registration.ts'

interface FirstAccountNoteNeeds {
  readonly config: { readonly registration: Registration }
  readonly accounts: { isEmpty(): Promise<boolean> }
  readonly firstAccount: Pick<FirstAccount, 'code'>
}

/**
 * @param link the address of the page to register
 * @returns where to create the first account, for the log; undefined: there is one, or nobody can. Throws StorageError.
 */
export async function firstAccountNote(
  { config, accounts, firstAccount }: FirstAccountNoteNeeds,
  link: string
): Promise<string | undefined> {
  if (config.registration === 'closed' || !(await accounts.isEmpty())) return undefined
  return config.registration === 'open'
    ? `No account yet: create the first one at ${link}`
    : `No account yet: create the first one, the administrator’s, at ${link}?code=${await firstAccount.code()}`
}
