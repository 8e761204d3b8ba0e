import type { Passkey } from '../factors-of.ts'
import type { RelyingParty } from './relying-party.ts'

/** Ed25519, ES256 and RS256, the one that we like best first. */
export const algorithms = [-8, -7, -257] as const

/** How long the browser waits for its user, in milliseconds: a little less than the challenge lives. */
const timeout = 4.5 * 60_000

type Known = readonly Pick<Passkey, 'id' | 'transports'>[]

/**
 * For `navigator.credentials.create`, as JSON (WebAuthn Level 3 §5.1.9). The passkey is discoverable, so that it can be
 * the whole sign-in; no attestation is asked for: which device somebody has is theirs to decide.
 */
export function creationOptions(
  party: RelyingParty,
  ask: {
    readonly siteName: string
    readonly challenge: string
    readonly account: { readonly id: string; readonly name: string }
    /** Authenticators that have one of these make no other. */
    readonly known: Known
  }
) {
  const { siteName, challenge, account, known } = ask
  return {
    challenge,
    rp: { id: party.id, name: siteName },
    user: { id: account.id, name: account.name, displayName: account.name },
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    excludeCredentials: descriptors(known),
    attestation: 'none',
    timeout
  } as const
}

/**
 * For `navigator.credentials.get`, as JSON.
 * @param ask.known undefined: any passkey of this site, which then has to verify its user
 */
export function requestOptions(
  party: RelyingParty,
  { challenge, known }: { readonly challenge: string; readonly known?: Known | undefined }
) {
  const userVerification = known ? 'preferred' : 'required'
  return {
    challenge,
    rpId: party.id,
    allowCredentials: descriptors(known ?? []),
    userVerification,
    timeout
  } as const
}

export type CreationOptions = ReturnType<typeof creationOptions>
export type RequestOptions = ReturnType<typeof requestOptions>

function descriptors(known: Known) {
  return known.map(({ id, transports }) => ({ type: 'public-key' as const, id, transports }))
}
