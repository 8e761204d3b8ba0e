import type { FastifyInstance } from 'fastify'
import {
  type LatchkeyError,
  type ProofMethod,
  RecentProofRequiredError,
  SecondFactorNotSetUpError,
  SecondFactorRequiredError
} from '../../src/errors/errors.ts'
import type { FactorsOf } from '../../src/factors/factors-of.ts'
import { type Demand, hasSecond, suffices } from '../../src/identity/account-proofs.ts'
import { needsSecondFactor } from '../../src/identity/second-factor.ts'
import { services } from '../../src/open-services.ts'
import { accountOf, type SessionRecord, userOf } from '../../src/sessions/session-record.ts'

/** `all`: two as soon as the account has a second factor. */
export type FactorsAsked = NonNullable<Demand['factors']> | 'all'

export interface Asked {
  /** Without it: what SECOND_FACTOR asks for. */
  readonly factors?: FactorsAsked | undefined
  readonly within?: string | undefined
}

type Session = Readonly<Partial<SessionRecord>>

/** What a session lacks of what is asked. The factors of the account are read only if it may lack something. */
export function missingProofs(app: FastifyInstance) {
  const { config, factors, sessions } = app[services]

  const isNothingAsked = config.secondFactor === 'optional'

  /** Whether it certainly lacks nothing. */
  function isEnough(session: Session, { factors: asked, within }: Asked): boolean {
    // Nearly every request: whoever is signed in has proved one factor.
    if (isNothingAsked && asked === undefined && within === undefined) return true
    if (!sessions.proofs.meet(session, { factors: asked === 'all' ? 2 : asked, within })) return false
    return asked !== undefined || !isShortOfPolicy(session)
  }

  /** However long ago: whoever has signed in with two factors is not asked again. */
  function isShortOfPolicy(session: Session): boolean {
    const user = accountOf(session) === undefined ? undefined : userOf(session)
    const isAsked = user !== undefined && needsSecondFactor(config.secondFactor, user.role)
    return isAsked && !suffices(session.accountProofs, 2)
  }

  /** @returns undefined when it lacks nothing */
  async function missing(session: Session, asked: Asked): Promise<LatchkeyError | undefined> {
    if (isEnough(session, asked)) return undefined
    const account = accountOf(session)
    const own = account === undefined ? undefined : await factors.of(account)
    const demand = demandOf(session, asked, own)
    if (sessions.proofs.meet(session, demand) && (asked.factors !== undefined || !isShortOfPolicy(session)))
      return undefined
    const lacking = { ...demand, methods: methodsOf(own, demand) }
    if (demand.factors === 1) return new RecentProofRequiredError(lacking)
    const isPasskey = demand.factors === 'phishing-resistant'
    if (!own || (isPasskey ? own.passkeys.length === 0 : !hasSecondFactor(own)))
      return new SecondFactorNotSetUpError(lacking)
    const fresh = sessions.proofs.fresh(session, demand.within)
    const hasIt = isPasskey ? fresh.passkey !== undefined : hasSecond(fresh)
    return hasIt ? new RecentProofRequiredError(lacking) : new SecondFactorRequiredError(lacking)
  }

  function demandOf(session: Session, { factors: asked, within }: Asked, own: FactorsOf | undefined) {
    if (asked === 'all') return { factors: own && hasSecondFactor(own) ? 2 : 1, within } as const
    const usual = isShortOfPolicy(session) ? 2 : 1
    return { factors: asked ?? usual, within } as const
  }

  return { isEnough, isShortOfPolicy, missing }
}

export function hasSecondFactor({ codes, passkeys }: FactorsOf): boolean {
  return codes !== undefined || passkeys.length > 0
}

/** What the account has to prove itself; what helps with this demand. */
export function methodsOf(own: FactorsOf | undefined, { factors }: Demand): readonly ProofMethod[] {
  const methods: ProofMethod[] = ['password']
  const takesCodes = factors !== 'phishing-resistant'
  if (takesCodes && own?.codes) methods.push('totp')
  if (takesCodes && own && own.recoveryCodes.left > 0) methods.push('recovery')
  if (own && own.passkeys.length > 0) methods.push('passkey')
  return methods
}
