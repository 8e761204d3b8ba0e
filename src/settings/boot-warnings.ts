import type { Languages } from '../i18n/languages.ts'
import { isReachable, type MetricsAddress, metricsUrl } from '../metrics/metrics-address.ts'
import type { RedisDurability } from '../redis/durability.ts'
import type { SessionStore } from '../sessions/session-store.ts'
import type { Config } from './config.ts'

export interface Exposure extends Pick<Config, 'publicUrl' | 'trustProxy'> {
  /** The address the service listens on. */
  readonly address: string
}

/** Settings with which cookies do not arrive, or can be read on the way: a sentence each, with what to do. */
export function cookieWarnings({ publicUrl, trustProxy, address }: Exposure): string[] {
  if (publicUrl?.protocol === 'https:') return trustProxy ? [] : [noSignInWarning]
  if (publicUrl && !isLocal(publicUrl.hostname)) {
    return [
      `PUBLIC_URL is ${publicUrl.origin}: passwords and cookies travel unencrypted. ` +
        'Put an https proxy in front, and set PUBLIC_URL to its address.'
    ]
  }
  if (trustProxy) {
    return [
      'TRUST_PROXY is set and PUBLIC_URL is not https: cookies may travel unencrypted. ' +
        'Set PUBLIC_URL to the https address that people open.'
    ]
  }
  if (publicUrl || isLocal(address)) return []
  return [
    `The service listens on ${address} and PUBLIC_URL is not set: passwords and cookies from other machines travel ` +
      'unencrypted. Put an https proxy in front, and set PUBLIC_URL to its address.'
  ]
}

/**
 * The gate trusts headers only of TRUST_PROXY: without it, it answers 401 and redirects nobody to sign-in.
 */
export function gateWarnings({ gateHosts, trustProxy }: Pick<Config, 'gateHosts' | 'trustProxy'>): string[] {
  if (gateHosts.length === 0 || trustProxy) return []
  return [
    'GATE_HOSTS is set and TRUST_PROXY is not: no app can send anybody to the sign-in page. ' +
      'Set TRUST_PROXY to the address of the proxy that calls /gate.'
  ]
}

/** @param former a domain that passkeys were made for, other than the present one */
export function movedPasskeysWarning(former: string, { publicUrl }: Pick<Config, 'publicUrl'>): string {
  const place = publicUrl?.origin ?? 'http://localhost'
  const isUnder = publicUrl && `.${publicUrl.hostname}`.endsWith(`.${former}`)
  const way = isUnder
    ? `Set PASSKEY_DOMAIN to ${former}.`
    : 'Their owners sign in another way and add new ones, or PUBLIC_URL moves back.'
  return `There are passkeys for ${former}, which do not work at ${place}. ${way}`
}

/** @param costs of hashes that are not of PASSWORD_HASH, as PHC strings begin */
export function otherCostsNote(costs: readonly string[]): string {
  return (
    `There are password hashes of other costs (${costs.join(', ')}): each check of a password does their work too, ` +
    'so that its time does not tell whose they are. A sign-in moves a hash to PASSWORD_HASH.'
  )
}

/** Everybody behind an untrusted proxy has the proxy's address, and shares its attempts. */
export function untrustedProxyWarning(sender: string): string {
  return (
    `${sender} sent X-Forwarded-For, and TRUST_PROXY does not name it: if it is your proxy, everybody behind it ` +
    'counts as one address, and a few failed attempts make all of them wait. Set TRUST_PROXY to its address.'
  )
}

/** Where metrics are read, and whether others may read them too. */
export function metricsNotes({ address, metricsTokens }: MetricsPlaces): { info: string; warning?: string } {
  const places = [
    ...(address ? [`at ${metricsUrl(address)}`] : []),
    ...(metricsTokens.length > 0 ? ['at /metrics with METRICS_TOKEN'] : [])
  ]
  if (places.length === 0) return { info: 'Metrics are served nowhere: set METRICS_LISTEN or METRICS_TOKEN.' }
  const info = `Metrics are served ${places.join(' and ')}.`
  if (!address || !isReachable(address)) return { info }
  const warning = `Anybody who reaches ${metricsUrl(address)} may read metrics: set METRICS_LISTEN to 127.0.0.1 or to a network that only your monitoring reaches.`
  return { info, warning }
}

interface MetricsPlaces extends Pick<Config, 'metricsTokens'> {
  /** Where it listens: METRICS_LISTEN. */
  readonly address: MetricsAddress | undefined
}

/** Texts missing in a language of TEXTS are shown in English. */
export function textWarnings({ missing }: Pick<Languages, 'missing'>): string[] {
  return [...missing].map(([tag, count]) => {
    const [texts, them] = count === 1 ? ['1 text, which is', 'it'] : [`${count} texts, which are`, 'them']
    return `The language ${tag} lacks ${texts} shown in English: add ${them} to ${tag}.json in TEXTS.`
  })
}

/**
 * What Redis may lose with its settings: a sentence each, with what to do. Nothing about unknown settings.
 */
export function redisWarnings(durability: RedisDurability): string[] {
  return [
    ...installationWarnings(durability),
    ...evictionWarnings(durability),
    ...diskWarnings(durability),
    ...cacheWarnings(durability)
  ]
}

/**
 * Warns of what the session store may lose, when it answers for the first time.
 * @returns to be called at the start and each time the store is back
 */
export function warnOfStoreOnce(
  store: Pick<SessionStore, 'durability'>,
  warn: (warning: string) => void
): () => Promise<void> {
  let isDone = store.durability === undefined
  return async () => {
    if (isDone) return
    isDone = true
    try {
      for (const warning of redisWarnings((await store.durability?.()) ?? {})) warn(warning)
    } catch {
      // Down, which is logged already; checked again when it is back.
      isDone = false
    }
  }
}

const noSignInWarning =
  'PUBLIC_URL is https and TRUST_PROXY is not set: nobody can sign in, because the service itself speaks http ' +
  'and trusts no proxy. Set TRUST_PROXY to the address of the https proxy.'

function isLocal(host: string): boolean {
  return /^(localhost|.+\.localhost|127\.[\d.]+|::1|\[::1\])$/.test(host)
}

function installationWarnings({ otherInstallation }: RedisDurability): string[] {
  if (otherInstallation === undefined) return []
  return [
    'Another installation, with another accounts database, uses the same keys in Redis. ' +
      'Set REDIS_PREFIX for one of them; if the other one is no more, this ends within a day.'
  ]
}

/** All sessions expire, so even policies that evict only keys with an expiry may evict any of them. */
function evictionWarnings({ evictionPolicy }: RedisDurability): string[] {
  if (evictionPolicy === undefined || evictionPolicy === 'noeviction') return []
  return [
    `Redis may drop sessions when its memory is full (maxmemory-policy is ${evictionPolicy}), and sign people out. ` +
      'Set maxmemory-policy to noeviction.'
  ]
}

function diskWarnings({ appendsToFile, takesSnapshots }: RedisDurability): string[] {
  if (appendsToFile !== false) return []
  const loses =
    takesSnapshots === false
      ? 'keeps nothing on disk: when it restarts, everybody is signed out'
      : 'does not write every change to disk: after a crash the last sign-ins are lost'
  return [`Redis ${loses}. Set appendonly to yes.`]
}

function cacheWarnings({ refusesTracking, keepsUntracked }: RedisDurability): string[] {
  if (refusesTracking === undefined) return []
  const consequence = keepsUntracked
    ? 'a session that another process has ended or changed may be used for up to a second (SESSION_CACHE_UNTRACKED).'
    : 'every request reads its session from Redis.'
  const otherwise = keepsUntracked ? '' : ', or set SESSION_CACHE to 0'
  return [
    `Redis refuses to report changes (${refusesTracking}): ${consequence} ` +
      `Allow CLIENT TRACKING, INFO and the channel __redis__:invalidate${otherwise}.`
  ]
}
