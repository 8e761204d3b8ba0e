import type { FastifyInstance } from 'fastify'
import { Secret, TOTP } from 'otpauth'
import { newSeed } from '../src/factors/one-time-codes.ts'
import { services } from '../src/open-services.ts'
import { alice, type Visitor } from './build.ts'

/** A clock that only the test moves. */
export class TestClock {
  time: number
  readonly now = () => this.time

  constructor(time = Date.now()) {
    this.time = time
  }

  pass(milliseconds: number): void {
    this.time += milliseconds
  }
}

/** Somebody's authenticator app. */
export interface Authenticator {
  /** A code that has not counted yet: half a minute passes before it. */
  code(): string
  readonly recoveryCodes: readonly string[]
}

/** Sets one-time codes up for an account, which signs it out. */
export async function setUpCodes(
  app: FastifyInstance,
  clock: TestClock,
  name = alice.username
): Promise<Authenticator> {
  const { accounts, factors } = app[services]
  const account = await accounts.find(name)
  const seed = newSeed()
  const codeNow = () => TOTP.generate({ secret: Secret.fromBase32(seed), timestamp: clock.time })
  const added = account && (await factors.addCodes(account, { seed, code: codeNow() }))
  if (!added) throw new Error(`No codes could be set up for ${name}.`)
  const code = () => {
    clock.pass(30_000)
    return codeNow()
  }
  return { code, recoveryCodes: added.recoveryCodes ?? [] }
}

/** Signs in with the password and a code, as a program does. */
export async function signInWithCode(program: Visitor, authenticator: Authenticator, person = alice) {
  return program.post('/login', { ...person, code: authenticator.code() })
}
