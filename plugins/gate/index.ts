import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { askedFor, type GateRequest, hostsAskedFor } from '../../src/gate/gate-request.ts'
import type { LiveRules } from '../../src/gate/rules/live-rules.ts'
import type { Decision } from '../../src/gate/rules/rule.ts'
import { type AskedFor, coversHost } from '../../src/gate/rules/rule-book.ts'
import { services } from '../../src/open-services.ts'
import { nameOf } from '../../src/sessions/session-record.ts'
import { isGoodForAll } from '../../src/tokens/token-visitor.ts'
import { missingProofs } from '../auth/missing-proofs.ts'
import { gateVisitors, type KnownVisitor } from './visitors.ts'

export interface GateAnswer extends Decision {
  /** The groups of the account, where rules have asked for them. */
  readonly groups?: readonly string[] | undefined
}

/** At once where nobody has to be asked. */
type MaybePromise<Value> = Value | Promise<Value>

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
const elsewhere = { outcome: 'deny', rule: undefined, path: '' } as const

/** Decides at the gate by the rules, and by what the account of the session is now. */
export default fp(
  async (app) => {
    const { config, gateRules, metrics } = app[services]
    const visitorOf = gateVisitors(app)
    const { isShortOfPolicy } = missingProofs(app)
    let lastSaid: string | undefined

    app.decorateRequest('decideAtGate', async function (this: FastifyRequest, asked) {
      const use = await this.useToken()
      if (use && !isGoodForAll(use, hostsAskedFor(asked))) return counted(elsewhere)
      return counted(gateRules ? await decide(gateRules, this, asked) : bySignIn(this))
    })

    function counted(decision: GateAnswer): GateAnswer {
      metrics?.gateAnswer(decision.outcome)
      return decision
    }

    function decide(live: LiveRules, request: FastifyRequest, asked: GateRequest): MaybePromise<GateAnswer> {
      const places = askedFor(asked, request.ip)
      if (typeof places === 'string') return refuse(request, places)
      const visitor = visitorOf(request)
      const decideFor = (visitor: KnownVisitor | undefined) => {
        const { outcome, rule, path, asked } = live.book.decideAll(places, visitor)
        if (outcome === 'deny' && visitor) return recorded(request, { outcome, rule, path }, asked)
        return { outcome, rule, path, groups: visitor?.groups }
      }
      return visitor instanceof Promise ? visitor.then(decideFor) : decideFor(visitor)
    }

    async function recorded(
      request: FastifyRequest,
      decision: Decision,
      asked?: AskedFor
    ): Promise<Decision> {
      const { id, name } = request.usedToken?.account ?? {}
      // A session beside the token may be somebody else's.
      const byToken = id && { name, account: id, session: undefined }
      await request.audit('gate-refused', { ...byToken, detail: known(asked?.host) })
      return decision
    }

    /** Anybody can ask for any name below a wildcard, and each would be a line in the audit trail. */
    function known(host = ''): string | undefined {
      const names = config.gateHosts.map((entry) => entry.replace(/:\d+$/, ''))
      return names.find((name) => name === host) ?? names.find((name) => coversHost(name, host))
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
