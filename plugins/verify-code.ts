import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { CodesClosedError, ThrottledError, WrongCodeError } from '../src/errors/errors.ts'
import { message } from '../src/i18n/texts.ts'
import type { Owner } from '../src/identity/owner-key.ts'
import type { Circumstances } from '../src/mail/notices.ts'
import { services } from '../src/open-services.ts'
import { accountOf } from '../src/sessions/session-record.ts'

export type CodeVerified =
  | {
      readonly ok: true
      readonly proof: 'totp' | 'recovery'
      /** Takes the place of the recovery code that was used: it has to be shown now, and is not known later. */
      readonly recoveryCode?: string | undefined
    }
  | { readonly ok: false; readonly error: WrongCodeError | CodesClosedError | ThrottledError }

/** `reason`: why it does not count. */
type Tried = CodeVerified & { readonly reason?: string }

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Verifies a code from the app of an account, or one of its recovery codes, which then count no more. Its password has
     * to be verified before. A refusal is recorded in the audit trail, and its owner may be told.
     * @param code as typed
     * @throws {StorageError} when factors or counters cannot be read
     */
    verifyCode(account: Owner, code: string): Promise<CodeVerified>
  }
}

export default fp(
  async (app) => {
    const { factors, refusedCodes, sessions, throttle } = app[services]

    async function verifyCode(this: FastifyRequest, account: Owner, code: string): Promise<CodeVerified> {
      const { isOneTimeCode } = await import('../src/factors/one-time-codes.ts')
      const kind = isOneTimeCode(code) ? 'code' : 'recovery-code'
      const circumstances = this.circumstances()
      const { device, from } = await ownDevice(this, account)
      const run = () =>
        kind === 'code' ? takeCode(account, code) : takeRecoveryCode(account, code, circumstances)
      const attempt = { kind, account: account.id, device, address: this.ip } as const
      const outcome = await throttle.guardCode(attempt, run)
      // It was not looked at: each would be a line in the audit trail.
      if (!outcome.ok && 'retryAfterSeconds' in outcome) {
        if (!outcome.isRepeated)
          await refusedCodes.tell(account, { kind, from, outcome: 'delayed' }, circumstances)
        return { ok: false, error: new ThrottledError(outcome.retryAfterSeconds) }
      }
      const { id, name } = account
      if (!outcome.ok && outcome.reason === 'unreadable')
        this.log.error(`The codes of ${name} are sealed with a key that is not in DATA_KEYS.`)
      if (!outcome.ok) {
        await this.audit('code-refused', { name, account: id })
        const how = outcome.reason === 'closed' ? 'closed' : 'wrong'
        await refusedCodes.tell(account, { kind, from, outcome: how }, circumstances)
      } else if (outcome.proof === 'recovery') await this.audit('recovery-code-use', { name, account: id })
      return outcome
    }

    async function takeCode({ id }: Owner, code: string): Promise<Tried> {
      const reason = await factors.takeCode(id, code)
      if (reason === 'right') return { ok: true, proof: 'totp' }
      return { ok: false, reason, error: reason === 'closed' ? new CodesClosedError() : new WrongCodeError() }
    }

    async function takeRecoveryCode({ id }: Owner, code: string, from: Circumstances): Promise<Tried> {
      const outcome = await factors.takeRecoveryCode(id, code, from)
      if (outcome.result === 'right')
        return { ok: true, proof: 'recovery', recoveryCode: outcome.replacement }
      const closed = () => new CodesClosedError(message('loginCode.recoveryClosed'))
      return {
        ok: false,
        reason: outcome.result,
        error: outcome.result === 'closed' ? closed() : new WrongCodeError()
      }
    }

    /** Where the owner of the account has signed in before: there nobody else's wrong codes count. */
    async function ownDevice(request: FastifyRequest, { id, name }: Owner) {
      if (accountOf(request.sessionData) === id)
        return { device: sessions.handleOf(request.session.sessionId), from: 'session' } as const
      const device = await request.deviceFor(name)
      return { device, from: device === undefined ? 'elsewhere' : 'known-browser' } as const
    }

    app.decorateRequest('verifyCode', verifyCode)
  },
  {
    name: 'latchkey-verify-code',
    dependencies: ['latchkey-audit', 'latchkey-notices', 'latchkey-device-cookie']
  }
)
