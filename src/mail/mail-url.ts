import { isHostName } from '../web/host-names.ts'

/** Where mail goes: MAIL_URL. */
export type MailUrl = MailServer | MailFolder | { readonly kind: 'off' }

export interface MailServer {
  readonly kind: 'smtp'
  readonly host: string
  readonly port: number
  /** TLS from the first byte. Otherwise it begins with STARTTLS. */
  readonly isTls: boolean
  /** Whether nothing is sent without TLS, and to no server without a valid certificate. */
  readonly needsTls: boolean
  readonly user?: string | undefined
  readonly password?: string | undefined
}

export interface MailFolder {
  readonly kind: 'files'
  readonly folder: string
}

/** RFC 8314 §3.3 and RFC 6409. */
const ports = { 'smtps:': 465, 'smtp:': 587 } as const

/**
 * @returns undefined when it is not set
 * @throws {Error} with a message that completes a sentence starting with the name of the setting, and has no password
 */
export function parseMailUrl(text: string): MailUrl | undefined {
  if (text === '') return undefined
  if (text === 'off') return { kind: 'off' }
  if (/^file:./.test(text)) return { kind: 'files', folder: text.slice('file:'.length) }
  const server = parseServer(text)
  if (server) return server
  throw new Error(
    'is no address of a mail server, it must be smtps://user:password@mail.example.org, smtp://… for STARTTLS, file:./data/mail for a folder, or off'
  )
}

function parseServer(text: string): MailServer | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, hostname, port, username, password, pathname, hash, searchParams } = new URL(text)
  if (protocol !== 'smtp:' && protocol !== 'smtps:') return undefined
  const isPlace = /^\/?$/.test(pathname) && hash === '' && isHostName(hostname)
  const [starttls, ...rest] = [...searchParams]
  const isAsked =
    starttls === undefined || (rest.length === 0 && isStarttls(starttls) && protocol === 'smtp:')
  const user = decoded(username)
  const secret = decoded(password)
  if (!isPlace || !isAsked || user === undefined || secret === undefined) return undefined
  if ((user === '') !== (secret === '')) return undefined
  const host = hostname.replace(/^\[|\]$/g, '')
  const byDefault = isLoopback(host) && protocol === 'smtp:' ? 'optional' : 'required'
  return {
    kind: 'smtp',
    host,
    port: port === '' ? ports[protocol] : Number(port),
    isTls: protocol === 'smtps:',
    needsTls: (starttls?.[1] ?? byDefault) === 'required',
    ...(user !== '' && { user, password: secret })
  }
}

function isStarttls([name, value]: readonly [string, string]): boolean {
  return name === 'starttls' && ['required', 'optional'].includes(value)
}

/** Whether nobody between it and us can listen. */
export function isLoopback(host: string): boolean {
  return /^(localhost|.+\.localhost|127\.[\d.]+|::1|\[::1\])$/.test(host)
}

/** @returns undefined when it is wrongly encoded, or a line break would be sent */
function decoded(text: string): string | undefined {
  try {
    const plain = decodeURIComponent(text)
    return /\p{Cc}/u.test(plain) ? undefined : plain
  } catch {
    return undefined
  }
}
