/** Where this service is, and the apps whose visitors it vouches for. */
export interface GateSettings {
  /** Where people reach the service; undefined means http://localhost on whatever port it listens. */
  readonly publicUrl: URL | undefined
  /** Hosts of apps that ask here who is signed in: where signing in may lead beside this site. */
  readonly gateHosts: readonly string[]
}

const maxAddressLength = 2048

/**
 * The address of an app behind the gate, as a browser writes it, if `wanted` is one: on a host in GATE_HOSTS, by
 * the scheme of PUBLIC_URL, without a name and password in it (ASVS 3.7.2).
 * @param wanted from anybody
 */
export function gateAddress(wanted: unknown, settings: GateSettings): string | undefined {
  if (typeof wanted !== 'string' || wanted.length > maxAddressLength || !isWholeAddress(wanted))
    return undefined
  const url = new URL(wanted)
  return url.protocol === settings.publicUrl?.protocol && isGateHost(url, settings) ? url.href : undefined
}

/** The apps as a Content-Security-Policy names them: browsers let a form lead only where it says. */
export function gateOrigins({ publicUrl, gateHosts }: GateSettings): string[] {
  return gateHosts.map((host) => `${publicUrl?.protocol}//${host}`)
}

/** Only what every browser and proxy reads alike: nothing but a host and a port before the path. */
function isWholeAddress(wanted: string): boolean {
  return (
    /^https?:\/\/[^/?#\\@%]+([/?#]|$)/i.test(wanted) && !/[\p{Cc}\s\\]/u.test(wanted) && URL.canParse(wanted)
  )
}

function isGateHost(url: URL, { gateHosts }: GateSettings): boolean {
  return gateHosts.some((entry) => {
    const { hostname, port } = new URL(`${url.protocol}//${entry.replace('*.', '')}`)
    const isName = entry.startsWith('*.') ? url.hostname.endsWith(`.${hostname}`) : url.hostname === hostname
    return isName && url.port === port
  })
}
