import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { AccountFacts } from '../../src/accounts/present-accounts.ts'
import { ThrottledError, TokenRefusedError } from '../../src/errors/errors.ts'
import { askedFor, type GateRequest, hostsAskedFor } from '../../src/gate/gate-request.ts'
import type { LiveRules } from '../../src/gate/rules/live-rules.ts'
import type { Decision } from '../../src/gate/rules/rule.ts'
import { services } from '../../src/open-services.ts'
import { nameOf } from '../../src/sessions/session-record.ts'
import { strangeHost } from '../../src/tokens/token-visitor.ts'
import type { TokenUse } from '../../src/tokens/tokens.ts'
import { missingProofs } from '../auth/missing-proofs.ts'
import { gateRefusals } from './refusals.ts'
import { gateVisitors, type KnownVisitor } from './visitors.ts'

export interface GateAnswer extends Decision {
  /** Of the account, where rules have asked for it. */
  readonly facts?: AccountFacts | undefined
}

/** At once where nobody has to be asked. */
type Answering = GateAnswer | Promise<GateAnswer>

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * What the gate answers to a request for an app: without GATE_RULES, whoever is signed in may pass. Records a refusal.
     * Throws StorageError when it is not known what the account is now.
     */
    decideAtGate(asked: GateRequest): Promise<GateAnswer>
  }
}

/** For a token that is not good for the app. */
const notGoodFor = { outcome: 'deny', rule: undefined, path: '' } as const

/** Decides at the gate by the rules, and by what the account of the session is now. */
export default fp(
  async (app) => {
    const { gateRules, metrics } = app[services]
    const visitorOf = gateVisitors(app)
    const recorded = gateRefusals(app)
    const { isShortOfPolicy } = missingProofs(app)
    let lastSaid: string | undefined

    // An answer costs no promise that it does not need.
    app.decorateRequest('decideAtGate', async function (this: FastifyRequest, asked) {
      const use = this.headers.authorization === undefined ? undefined : await tokenOf(this)
      const decision = decideFor(this, asked, use)
      const answer = decision instanceof Promise ? await decision : decision
      metrics?.gateAnswer(answer.outcome)
      return answer
    })

    function tokenOf(request: FastifyRequest): Promise<TokenUse | undefined> {
      return request.useToken().catch((error) => {
        if (error instanceof TokenRefusedError) metrics?.gateAnswer('token-refused')
        if (error instanceof ThrottledError) metrics?.gateAnswer('throttled')
        throw error
      })
    }

    function decideFor(request: FastifyRequest, asked: GateRequest, use?: TokenUse): Answering {
      const elsewhere = use && strangeHost(use, hostsAskedFor(asked))
      if (elsewhere !== undefined) return recorded(request, notGoodFor, elsewhere)
      return gateRules ? decide(gateRules, request, asked) : bySignIn(request)
    }

    function decide(live: LiveRules, request: FastifyRequest, asked: GateRequest): Answering {
      const places = askedFor(asked, request)
      if (typeof places === 'string') return refuse(request, places)
      const visitor = visitorOf(request)
      const byRules = (visitor: KnownVisitor | undefined) => {
        const { outcome, rule, path, asked } = live.book.decideAll(places, visitor)
        if (outcome === 'deny' && visitor) return recorded(request, { outcome, rule, path }, asked?.host)
        return { outcome, rule, path, facts: visitor }
      }
      return visitor instanceof Promise ? visitor.then(byRules) : byRules(visitor)
    }

    /** The same is logged once: it is the proxy's configuration, so each request would say it. */
    function refuse({ log }: FastifyRequest, fault: string): Decision {
      if (fault !== lastSaid) log.warn(`The gate refuses a request. ${fault} GATE_RULES need it.`)
      lastSaid = fault
      return { outcome: 'deny', rule: undefined, path: '', fault }
    }

    function bySignIn({ sessionData, usedToken }: FastifyRequest): Decision {
      if (usedToken) return { outcome: 'allow', rule: undefined, path: '' }
      const isIn = nameOf(sessionData) !== undefined
      const outcome = !isIn ? 'sign-in' : isShortOfPolicy(sessionData) ? 'prove' : 'allow'
      return { outcome, rule: undefined, path: '' }
    }
  },
  { name: 'latchkey-gate-rules', dependencies: ['latchkey-audit', 'latchkey-use-token'] }
)
