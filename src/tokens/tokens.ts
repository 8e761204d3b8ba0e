import type { PresentAccount, PresentAccounts } from '../accounts/present-accounts.ts'
import { BadInputError } from '../errors/errors.ts'
import { coversHost } from '../gate/rules/rule-book.ts'
import { parseHost } from '../gate/rules/rule-fields.ts'
import { type Message, message } from '../i18n/texts.ts'
import type { Circumstances } from '../mail/notices.ts'
import { LruCache } from '../primitives/lru-cache.ts'
import { newId } from '../primitives/new-id.ts'
import { hashOfToken, isToken, newToken } from './token-format.ts'
import type { StoredToken, TokenDetails, TokensStore } from './tokens-store.ts'

const dayMilliseconds = 24 * 60 * 60 * 1000
export const longestLifeDays = 366
export const maxTokens = 50
const maxNameLength = 64
const touchEveryMilliseconds = 10 * 60_000
const maxKnown = 10_000

/** What a person asks for. */
export interface TokenRequest {
  readonly name: string
  /** Hosts of apps behind the gate, separated by spaces or commas. */
  readonly hosts: string
  readonly forApi: boolean
  /** How many days it is good for, 1 to 366. */
  readonly days: number
}

export type TokenMade =
  | { readonly ok: true; readonly token: string; readonly details: Pick<TokenDetails, 'id' | 'name'> }
  | { readonly ok: false; readonly field: keyof TokenRequest | null; readonly error: BadInputError }

/** A right token, and whose it is. */
export interface TokenUse {
  readonly account: PresentAccount
  readonly token: StoredToken
}

export interface ListedToken extends TokenDetails {
  readonly isExpired: boolean
}

export interface TokensOptions {
  readonly store: TokensStore
  readonly present: PresentAccounts
  /** GATE_HOSTS. */
  readonly gateHosts: readonly string[]
  readonly now: () => number
  /** When it resolves, every process knows that a token has ended. Throws StorageError. */
  readonly tell: () => Promise<void>
}

/**
 * Everything that can be done with tokens. What is known of a token is believed as long as what is known of its account
 * is: the statement that ends a token tells that the account has changed. Every method but `peek` throws StorageError.
 */
export class Tokens {
  readonly #options: TokensOptions
  readonly #known = new LruCache<string, TokenUse & { touchedAt: number }>(maxKnown)
  /** Hashes that were right once: their programs are no strangers. */
  readonly #right = new LruCache<string, string>(maxKnown)
  /** Hashes that nobody has: nobody ever gets one of them, and an ended token stays ended. */
  readonly #wrong = new LruCache<string, string>(maxKnown)

  constructor(options: TokensOptions) {
    this.#options = options
  }

  /** Makes a token of an account, and tells its owner. It is in the result alone. */
  async make(account: string, asked: TokenRequest, circumstances?: Circumstances): Promise<TokenMade> {
    const { store, now, gateHosts } = this.#options
    const { name, days, forApi } = asked
    const said = name.trim()
    if (said === '' || [...said].length > maxNameLength || /\p{Cc}/u.test(said))
      return refused('name', message('tokens.badName', { most: maxNameLength }))
    if (!Number.isInteger(days) || days < 1 || days > longestLifeDays)
      return refused('days', message('tokens.badDays', { most: longestLifeDays }))
    const hosts = asked.hosts.split(/[\s,]+/).filter(Boolean)
    const known = hosts.map((host) => hostBehind(gateHosts, host))
    const strange = hosts.find((_, place) => known[place] === undefined)
    if (strange !== undefined) return refused('hosts', message('tokens.strangeHost', { host: strange }))
    if (hosts.length === 0 && !forApi)
      return refused('hosts', message(gateHosts.length > 0 ? 'tokens.forNothing' : 'tokens.forApiAlone'))
    if ((await store.count(account)) >= maxTokens)
      return refused(null, message('tokens.tooMany', { most: maxTokens }))
    const token = newToken()
    const details = { id: newId(), name: said }
    const expiresAt = new Date(now() + days * dayMilliseconds)
    const good = { hosts: [...new Set(known.flatMap((host) => host ?? []))], forApi, expiresAt }
    await store.add({ ...details, ...good, account, hash: hashOfToken(token) }, circumstances)
    return { ok: true, token, details }
  }

  /** The latest first. */
  async list(account: string): Promise<readonly ListedToken[]> {
    const now = this.#options.now()
    const listed = await this.#options.store.list(account)
    return listed.map((token) => ({ ...token, isExpired: token.expiresAt.getTime() <= now }))
  }

  count(account: string): Promise<number> {
    return this.#options.store.count(account)
  }

  /** @returns the token; undefined if the account has none of that id */
  async end(account: string, id: string, circumstances?: Circumstances): Promise<TokenDetails | undefined> {
    const ended = await this.#options.store.end(account, id, circumstances)
    // It may have been ended before, by a call whose answer was lost.
    await this.#options.tell()
    return ended
  }

  /** @returns how many there were */
  async endAll(account: string, circumstances?: Circumstances): Promise<number> {
    const ended = await this.#options.store.endAll(account, circumstances)
    await this.#options.tell()
    return ended
  }

  /** What is known of a token without a question; undefined: ask. */
  peek(token: string): TokenUse | 'wrong' | undefined {
    if (!isToken(token)) return 'wrong'
    const hash = hashOfToken(token)
    if (this.#wrong.get(hash) !== undefined) return 'wrong'
    const known = this.#known.get(hash)
    if (!known || this.#options.present.peek(known.account.id) !== known.account) return undefined
    return this.#unlessExpired(hash, known)
  }

  /** Whether it was right once in this process: what follows is no guess. */
  wasRight(token: string): boolean {
    return this.#right.get(hashOfToken(token)) !== undefined
  }

  /** @returns `wrong` for one that nobody has, that has expired, or whose account is gone or disabled */
  async verify(token: string): Promise<TokenUse | 'wrong'> {
    const { store, present } = this.#options
    const known = this.peek(token)
    if (known !== undefined) return known
    const hash = hashOfToken(token)
    const before = present.version
    const stored = await store.find(hash)
    const account = stored && (await present.find(stored.account))
    if (!stored || !account) {
      if (!stored) this.#wrong.set(hash, hash)
      return 'wrong'
    }
    this.#right.set(hash, hash)
    const use = { account, token: stored, touchedAt: stored.usedAt?.getTime() ?? Number.NEGATIVE_INFINITY }
    // If it has ended since it was read, its account has changed.
    if (before === present.version) this.#known.set(hash, use)
    return this.#unlessExpired(hash, use)
  }

  #unlessExpired(hash: string, use: TokenUse & { touchedAt: number }): TokenUse | 'wrong' {
    const now = this.#options.now()
    if (now >= use.token.expiresAt.getTime()) return 'wrong'
    if (now - use.touchedAt >= touchEveryMilliseconds) {
      use.touchedAt = now
      // A store that takes no writes can still tell whose it is.
      this.#options.store.touch(hash, now - touchEveryMilliseconds).catch(() => {})
    }
    return use
  }
}

/** @returns undefined if it is not one of GATE_HOSTS, or below it */
function hostBehind(gateHosts: readonly string[], text: string): string | undefined {
  try {
    const host = parseHost(text)
    const names = gateHosts.map((entry) => entry.replace(/:\d+$/, ''))
    const isBehind = names.some((name) => name === host || coversHost(name, host.replace(/^\*\./, 'x.')))
    return isBehind && host !== '*' ? host : undefined
  } catch {
    return undefined
  }
}

function refused(field: keyof TokenRequest | null, reason: Message): TokenMade {
  return { ok: false, field, error: new BadInputError(reason) }
}
