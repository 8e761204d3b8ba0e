import type { Factors } from '../factors.ts'
import type { FactorsOf, NewPasskey, Passkey, PasskeyUse } from '../factors-of.ts'
import type { Spent } from '../spent.ts'
import { challengeOf, idOf, parseResponse, verifyCreation, verifyUse } from './ceremonies.ts'
import type { ChallengeSubject, PasskeyChallenges } from './challenges.ts'
import { mayBeCopied } from './copies.ts'
import { type CreationOptions, creationOptions, type RequestOptions, requestOptions } from './options.ts'
import { originAt, type RelyingParty } from './relying-party.ts'

export interface PasskeysOptions {
  /** Undefined where there can be no passkeys. */
  readonly party: RelyingParty | undefined
  readonly siteName: string
  readonly challenges: PasskeyChallenges
  readonly factors: Factors
  readonly spent: Spent
}

/** Where a page is: from the Host header, or of a trusted proxy. */
export interface PageAt {
  readonly protocol: string
  readonly host: string
}

export type PasskeyUsed =
  | {
      readonly ok: true
      readonly passkey: Passkey
      /** By a PIN, a finger or a face: then it is two factors, otherwise one. */
      readonly userVerified: boolean
      /** The counter has not grown: there may be a copy of it. */
      readonly mayBeCopied: boolean
    }
  /** `unknown`: nobody has it, and the browser may forget it. `id` is that of the passkey, if it is known. */
  | {
      readonly ok: false
      readonly reason: 'refused' | 'unknown'
      readonly id?: string
      readonly accountId?: string
    }

/** Passkeys (WebAuthn): what browsers are asked, and what they answer. */
export class Passkeys {
  readonly #options: PasskeysOptions

  constructor(options: PasskeysOptions) {
    this.#options = options
  }

  /** The domain that passkeys are made for; undefined where a page can have none. */
  domainAt(page: PageAt): string | undefined {
    const { party } = this.#options
    return party && originAt(party, page.protocol, page.host) !== undefined ? party.id : undefined
  }

  /** Those of an account that work at the present domain. */
  worksHere({ rpId }: Pick<Passkey, 'rpId'>): boolean {
    return rpId === this.#options.party?.id
  }

  /** Another domain that passkeys were made for, before PUBLIC_URL or PASSKEY_DOMAIN was changed. */
  formerDomain(): Promise<string | undefined> {
    return this.#options.factors.otherPasskeyDomain(this.#options.party?.id ?? '')
  }

  /** What a browser is asked for a new one. @returns undefined where a page can have none */
  toCreate(
    page: PageAt,
    account: { readonly id: string; readonly name: string },
    { passkeys }: Pick<FactorsOf, 'passkeys'>
  ): CreationOptions | undefined {
    const { party, siteName, challenges } = this.#options
    if (!party || this.domainAt(page) === undefined) return undefined
    const challenge = challenges.make({ purpose: 'add', accountId: account.id })
    const known = passkeys.filter((passkey) => this.worksHere(passkey))
    return creationOptions(party, { siteName, challenge, account, known })
  }

  /**
   * What a browser is asked for the use of one.
   * @param of the account whose passkeys may be used; undefined: whoever has one, with user verification
   * @returns undefined where a page can have none, or the account has none
   */
  toUse(
    page: PageAt,
    of?: { readonly id: string; readonly passkeys: FactorsOf['passkeys'] }
  ): RequestOptions | undefined {
    const { party, challenges } = this.#options
    if (!party || this.domainAt(page) === undefined) return undefined
    const known = of?.passkeys.filter((passkey) => this.worksHere(passkey))
    if (known?.length === 0) return undefined
    return requestOptions(party, { challenge: challenges.make(subjectOf(of?.id)), known })
  }

  /**
   * @param text what the browser has made, as JSON: untrusted
   * @returns undefined when anything does not fit
   */
  async created(
    text: string,
    page: PageAt,
    accountId: string
  ): Promise<Omit<NewPasskey, 'name'> | undefined> {
    const response = parseResponse(text)
    const ceremony = this.#ceremony(response, page, { purpose: 'add', accountId })
    const made = ceremony && (await verifyCreation(ceremony))
    if (!made || !(await ceremony.spend())) return undefined
    const { userVerified: _, ...passkey } = made
    return passkey
  }

  /**
   * Verifies the use of a passkey, which counts once, and notes it.
   * @param text what the browser says, as JSON: untrusted
   * @param accountId whose it has to be; undefined: anybody's
   * @throws {StorageError} when the database cannot answer
   */
  async used(text: string, page: PageAt, accountId?: string): Promise<PasskeyUsed> {
    const response = parseResponse(text)
    const id = idOf(response)
    const ceremony = this.#ceremony(response, page, subjectOf(accountId))
    if (!ceremony || id === undefined) return { ok: false, reason: 'refused' }
    const { factors } = this.#options
    const passkey = await factors.findPasskey(id)
    if (!passkey) return { ok: false, reason: 'unknown', id }
    const refused = { ok: false, reason: 'refused', id, accountId: passkey.accountId } as const
    if (!this.worksHere(passkey) || (accountId ?? passkey.accountId) !== passkey.accountId) return refused
    const use = await verifyUse(passkey, ceremony)
    if (!use || !(await ceremony.spend()) || !(await factors.usePasskey(id, stored(use)))) return refused
    return { ok: true, passkey, userVerified: use.userVerified, mayBeCopied: mayBeCopied(passkey, use) }
  }

  #ceremony(response: unknown, page: PageAt, subject: ChallengeSubject) {
    const { party, challenges, spent } = this.#options
    const origin = party && originAt(party, page.protocol, page.host)
    const sent = challengeOf(response)
    const challenge = sent === undefined ? undefined : challenges.check(sent, subject)
    if (!party || origin === undefined || !challenge) return undefined
    return {
      ...{ response, origin, rpId: party.id },
      isChallenge: (answered: string) => answered === sent,
      spend: () => spent.spend(challenge.spendKey, challenge.expiresAt)
    }
  }
}

function subjectOf(accountId: string | undefined): ChallengeSubject {
  return accountId === undefined ? { purpose: 'sign-in' } : { purpose: 'second-factor', accountId }
}

function stored({ counter, isBackedUp }: PasskeyUse): PasskeyUse {
  return { counter, isBackedUp }
}
