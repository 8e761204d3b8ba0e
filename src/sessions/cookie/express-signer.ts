import type { CipherKey } from 'node:crypto'
import { sign, unsign } from 'cookie-signature'
import type { Signer } from './signer.ts'

/** Signs and verifies ids as express-session does. @param secrets the first signs, all verify; at least one */
export function expressSigner(secrets: readonly CipherKey[]): Signer {
  const [current = ''] = secrets
  return {
    sign: (id) => sign(id, current),
    unsign: (signed) => {
      const secret = secrets.find((secret) => unsign(signed, secret) !== false)
      if (secret === undefined) return { valid: false, renew: false, value: null }
      return { valid: true, renew: secret !== current, value: signed.slice(0, signed.lastIndexOf('.')) }
    }
  }
}
