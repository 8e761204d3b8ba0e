import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import type { Renamed } from '../src/accounts/renaming.ts'
import {
  type LatchkeyError,
  NameTakenError,
  SignInUndoneError,
  ThrottledError
} from '../src/errors/errors.ts'
import { services } from '../src/open-services.ts'

export interface NewNameRequest {
  /** The password of the signed-in user. */
  readonly current: string
  readonly name: string
}

export type RenameOutcome =
  | Extract<Renamed, { ok: true }>
  | { readonly ok: false; readonly field: keyof NewNameRequest | null; readonly error: LatchkeyError }

declare module 'fastify' {
  interface FastifyReply {
    /**
     * Gives the account that is signed in another name if the password is right. All its sessions go on. Records it in the
     * audit trail, with both names. Which names are taken is worth guessing, so it counts as a registration does.
     * @returns the account; or the error, and the field of the form that it is about
     * @throws {SignInUndoneError} when the account has changed meanwhile
     * @throws {StorageError} when accounts or counters cannot be written
     */
    rename(request: NewNameRequest): Promise<RenameOutcome>
  }
}

export default fp(
  async (app) => {
    const { renaming, throttle } = app[services]

    async function rename(this: FastifyReply, { current, name }: NewNameRequest): Promise<RenameOutcome> {
      const { request } = this
      const account = await request.requireAccount()
      const attempt = await request.verifyOwnPassword(current)
      if (!attempt.ok) return { ok: false, field: 'current', error: attempt.error }
      const { verifiedState } = attempt.account
      if (!verifiedState) throw new SignInUndoneError()
      const run = () =>
        renaming.choose(account, name, verifiedState, { circumstances: request.circumstances() })
      const outcome = await throttle.guardRegistration(request.ip, { run, counts: revealsName })
      if ('retryAfterSeconds' in outcome)
        return { ok: false, field: null, error: new ThrottledError(outcome.retryAfterSeconds, 'naming') }
      if (!outcome.ok) return { ok: false, field: 'name', error: outcome.error }
      const { id, name: present } = outcome.account
      await request.audit('account-rename', { name: present, account: id, formerName: outcome.formerName })
      await request.rememberDevice({ ...attempt.account, name: present })
      return outcome
    }

    app.decorateReply('rename', rename)
  },
  {
    name: 'latchkey-rename',
    dependencies: ['latchkey-own-account', 'latchkey-audit', 'latchkey-notices', 'latchkey-device-cookie']
  }
)

function revealsName(renamed: Renamed): boolean {
  return renamed.ok || renamed.error instanceof NameTakenError
}
