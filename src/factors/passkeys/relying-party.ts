/** The site that passkeys are made for. */
export interface RelyingParty {
  /** The domain: PASSKEY_DOMAIN, or the host of PUBLIC_URL, or `localhost`. */
  readonly id: string
  /** Origin of the pages; undefined: of any port of `localhost`, by http. */
  readonly origin: string | undefined
}

export interface PasskeySettings {
  readonly publicUrl: URL | undefined
  readonly passkeyDomain: string | undefined
}

/** @throws {Error} with a message that completes a sentence starting with the name of the setting */
export function parsePasskeyDomain(value: string): string | undefined {
  if (value === '') return undefined
  const domain = value.toLowerCase()
  if (isDomain(domain)) return domain
  throw new Error(`is "${value}", it must be the domain in PUBLIC_URL, or one that it is under: example.org`)
}

/** Combinations in which no browser would make a passkey: one sentence each. */
export function passkeyDomainFaults({ publicUrl, passkeyDomain }: PasskeySettings): string[] {
  if (passkeyDomain === undefined) return []
  if (!publicUrl)
    return ['PUBLIC_URL is not set, and PASSKEY_DOMAIN needs it: set it to the address that people open']
  if (isUnder(publicUrl.hostname, passkeyDomain)) return []
  return [
    `PASSKEY_DOMAIN is ${passkeyDomain}, and PUBLIC_URL is not under it: browsers would make no passkey`
  ]
}

/**
 * Browsers make passkeys for a domain only, never for an IP address, and over https; only for localhost over http too
 * (WebAuthn Level 3 §5.1.3).
 * @returns undefined where there can be none
 */
export function relyingParty({ publicUrl, passkeyDomain }: PasskeySettings): RelyingParty | undefined {
  if (!publicUrl) return { id: 'localhost', origin: undefined }
  const { hostname, protocol, origin } = publicUrl
  if (!isDomain(hostname) || (protocol !== 'https:' && !isLocal(hostname))) return undefined
  return { id: passkeyDomain ?? hostname, origin }
}

/**
 * The origin that the pages of a request have.
 * @param host from the Host header, with the port
 * @returns undefined where no passkey works: without PUBLIC_URL at any name but localhost
 */
export function originAt(party: RelyingParty, protocol: string, host: string): string | undefined {
  if (party.origin !== undefined) return party.origin
  const address = `${protocol}://${host}`
  if (!URL.canParse(address)) return undefined
  const { origin, hostname } = new URL(address)
  return hostname === party.id ? origin : undefined
}

function isDomain(host: string): boolean {
  return (
    isLocal(host) || (/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.(?!$)|$)){2,}$/.test(host) && !/\d$/.test(host))
  )
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost')
}

function isUnder(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`)
}
