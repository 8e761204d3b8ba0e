import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { askedFor, type GateRequest, hostsAskedFor } from '../src/gate/gate-request.ts'
import type { LiveRules } from '../src/gate/rules/live-rules.ts'
import { type Decision, type GateVisitor, stricter } from '../src/gate/rules/rule.ts'
import { coversHost } from '../src/gate/rules/rule-book.ts'
import { services } from '../src/open-services.ts'
import { accountOf, nameOf } from '../src/sessions/session-record.ts'
import { isGoodForAll, tokenVisitor } from '../src/tokens/token-visitor.ts'
import { missingProofs } from './auth/missing-proofs.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * What the gate answers to a request for an app: without GATE_RULES, whoever is signed in may pass. Records a refusal.
     * Throws StorageError when it is not known what the account is now.
     */
    decideAtGate(asked: GateRequest): Promise<Decision>
  }
}

const noGroups: ReadonlySet<string> = new Set()

/** Decides at the gate by the rules, and by what the account of the session is now. */
export default fp(
  async (app) => {
    const { config, gateRules, present, sessions, metrics } = app[services]
    const { isShortOfPolicy } = missingProofs(app)
    let lastSaid: string | undefined

    app.decorateRequest('decideAtGate', async function (this: FastifyRequest, asked) {
      const use = await this.useToken()
      const isElsewhere = use && !isGoodForAll(use, hostsAskedFor(asked))
      const decision = isElsewhere
        ? { outcome: 'deny' as const, rule: undefined, path: '' }
        : gateRules
          ? await decide(gateRules, this, asked)
          : bySignIn(this)
      metrics?.gateAnswer(decision.outcome)
      return decision
    })

    async function decide(live: LiveRules, request: FastifyRequest, asked: GateRequest): Promise<Decision> {
      const places = askedFor(asked, request.ip)
      if (typeof places === 'string') return refuse(request, places)
      const visitor = await visitorOf(request)
      const decisions = places.map((place) => live.book.decide(place, visitor))
      const decision = decisions.reduce(stricter)
      if (decision.outcome === 'deny' && visitor) {
        const app = known(places[decisions.indexOf(decision)]?.host)
        const { id, name } = request.usedToken?.account ?? {}
        await request.audit('gate-refused', { ...(id && { name, account: id }), detail: app })
      }
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

    async function visitorOf({ sessionData, usedToken }: FastifyRequest): Promise<GateVisitor | undefined> {
      if (usedToken) return tokenVisitor(usedToken)
      if (nameOf(sessionData) === undefined) return undefined
      const isShort = isShortOfPolicy(sessionData)
      const proves: GateVisitor['proves'] = (demand) => !isShort && sessions.proofs.meet(sessionData, demand)
      const id = accountOf(sessionData)
      // Whom an app knows by a name alone is signed in, and has no account that a rule could name.
      if (id === undefined) return { name: '', role: 'user', groupKeys: noGroups, proves }
      const account = present.peek(id) ?? (await present.find(id))
      return account && { name: account.name, role: account.role, groupKeys: account.groupKeys, proves }
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
