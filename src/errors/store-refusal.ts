/** A server refuses, and waiting does not mend it: a wrong password, a missing right. The message is its own. */
export class StoreRefusal extends Error {
  override readonly name = 'StoreRefusal'
}

/** A line for the log: what is wrong with a server, and whether somebody has to act. */
export function outageOf(server: string, error: Error): string {
  return error instanceof StoreRefusal
    ? `${server} refuses: ${error.message}. Waiting does not mend that: correct its address or its settings. Trying again all the same.`
    : `${server} is away: ${error.message}. Trying again until it is back.`
}

/**
 * Why a connection cannot be made with these settings, whatever the server speaks: a certificate that is not
 * trusted, a server without TLS, a socket that this process may not use.
 * @returns undefined: the server may just be away
 */
export function connectionRefusal(error: Error): StoreRefusal | undefined {
  const { code = '', reason } = error as { code?: unknown; reason?: unknown }
  if (typeof code !== 'string' || passing.includes(code)) return undefined
  if (ownRights.includes(code)) return new StoreRefusal(error.message, { cause: error })
  if (!tlsCodes.test(code)) return undefined
  // OpenSSL's messages contain the path of its source.
  return new StoreRefusal(`TLS fails: ${typeof reason === 'string' ? reason : error.message}`, {
    cause: error
  })
}

/** A path that is none for a socket, or that this process may not open. */
const ownRights = ['EACCES', 'EINVAL', 'ENAMETOOLONG', 'ENOTDIR', 'ENOTSOCK', 'EPROTOTYPE']

/** Of Node: https://nodejs.org/api/tls.html#x509-certificate-error-codes, and errors of OpenSSL and of Node itself. */
const tlsCodes =
  /^(EPROTO$|ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|CRL_|ERROR_IN_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_(CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_MISMATCH)/

const passing = ['ERR_TLS_HANDSHAKE_TIMEOUT']
