import { isIPv6 } from 'node:net'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface Credentials {
  readonly username?: string
  readonly password?: string
}

/** Where sessions are stored: one Redis, the master that Sentinels name, or the masters of a Cluster. */
export type RedisAddress = SingleAddress | SocketAddress | SentinelAddress | ClusterAddress

export interface SingleAddress {
  readonly kind: 'single'
  readonly url: string
}

/** One Redis on this machine, by its Unix socket. */
export interface SocketAddress {
  readonly kind: 'socket'
  readonly path: string
  readonly database: number
  readonly credentials: Credentials
}

export interface SentinelAddress {
  readonly kind: 'sentinel'
  readonly endpoints: readonly Endpoint[]
  readonly masterName: string
  readonly database: number
  readonly tls: boolean
  /** For the Redis servers. */
  readonly credentials: Credentials
  /** For the Sentinels themselves, which often need none. */
  readonly sentinelCredentials: Credentials
}

export interface ClusterAddress {
  readonly kind: 'cluster'
  readonly endpoints: readonly Endpoint[]
  readonly tls: boolean
  readonly credentials: Credentials
}

const examples = {
  single: 'redis://user:password@localhost:6379/0',
  socket: 'unix://user:password@/run/redis/redis.sock?db=0',
  sentinel: 'redis-sentinel://user:password@h1:26379,h2:26379/0#mymaster',
  cluster: 'redis-cluster://user:password@h1:6379,h2:6379'
}

/**
 * Parses REDIS_URL: `redis://…`, `unix://[user:password@]/path[?db=0]` or `unix:/path`,
 * `redis-sentinel://[user:password@]h1:p,h2:p[/0][?sentinelPassword=…][#master]` and
 * `redis-cluster://[user:password@]h1:p,h2:p`, or `rediss…` for TLS. WHATWG URLs have no lists of hosts.
 * Credentials, options and the master's name are percent-decoded.
 * @throws {Error} with a message that continues after the setting's name and quotes nothing: a mistyped
 * address may have its password anywhere
 */
export function parseRedisAddress(value: string): RedisAddress {
  const kind = /^rediss?-(sentinel|cluster):\/\//.exec(value)?.[1]
  if (kind === 'sentinel') return sentinelAddress(value)
  if (value.startsWith('unix:')) return socketAddress(value)
  if (kind === 'cluster') return clusterAddress(value)
  return singleAddress(value)
}

/** ioredis would read its own options from the URL, even functions, and any database name. */
function singleAddress(url: string): SingleAddress {
  const parsed = /^rediss?:\/\//.test(url) && URL.canParse(url) ? new URL(url) : undefined
  if (!parsed?.hostname || parsed.hostname.includes(',')) throw fault('single', 'is not a Redis address')
  decoded(parsed.username + parsed.password, 'single')
  if (!/^(\/\d{0,5})?$/.test(parsed.pathname)) throw fault('single', 'has a database that is not a number')
  if ([...parsed.searchParams].some(([key, value]) => key !== 'family' || !/^[046]$/.test(value)))
    throw fault('single', 'has an option other than family=4 and family=6')
  return { kind: 'single', url }
}

/** As other clients of Redis write it. */
function socketAddress(value: string): SocketAddress {
  const [, user = '', path, query = ''] =
    /^unix:(?:\/\/(?:([^@/?#]*)@)?)?(\/(?!\/)[^?#]*[^?#/])(?:\?([^#]*))?$/s.exec(value) ?? []
  if (path === undefined) throw fault('socket', 'has no path of a socket')
  const [, database = '0'] = /^(?:db=(\d{1,5}))?$/.exec(query) ?? []
  if (query !== '' && !query.startsWith('db='))
    throw fault('socket', 'has an option other than db, the number of a database')
  if (query !== '' && query !== `db=${database}`) throw fault('socket', 'has a database that is not a number')
  return {
    kind: 'socket',
    path: decoded(path, 'socket'),
    database: Number(database),
    credentials: credentialsOf(user, 'socket')
  }
}

function sentinelAddress(value: string): SentinelAddress {
  const { tls, user, hosts, database, query, name } = partsOf(value)
  const options = new URLSearchParams(query)
  if (!/^\d{0,5}$/.test(database)) throw fault('sentinel', 'has a database that is not a number')
  if ([...options.keys()].some((key) => key !== 'sentinelUsername' && key !== 'sentinelPassword')) {
    throw fault('sentinel', 'has an option other than sentinelUsername and sentinelPassword')
  }
  return {
    kind: 'sentinel',
    endpoints: endpointsOf(hosts, { kind: 'sentinel', defaultPort: 26_379 }),
    masterName: decoded(name, 'sentinel') || 'mymaster',
    database: Number(database),
    tls,
    credentials: credentialsOf(user, 'sentinel'),
    sentinelCredentials: credentials(options.get('sentinelUsername'), options.get('sentinelPassword'))
  }
}

function clusterAddress(value: string): ClusterAddress {
  const { tls, user, hosts, database, query, name } = partsOf(value)
  if (!/^0?$/.test(database)) throw fault('cluster', 'names a database, but a Cluster has only one')
  if (query || name) throw fault('cluster', 'has something after its hosts')
  return {
    kind: 'cluster',
    endpoints: endpointsOf(hosts, { kind: 'cluster', defaultPort: 6379 }),
    tls,
    credentials: credentialsOf(user, 'cluster')
  }
}

/** The texts between the delimiters of a URL; a missing part is empty. */
function partsOf(value: string) {
  const parts =
    /^(rediss?)-\w+:\/\/(?:([^@/?#]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?(?:#(.*))?$/s.exec(value) ?? []
  const [, scheme, user = '', hosts = '', database = '', query = '', name = ''] = parts
  return { tls: scheme === 'rediss', user, hosts, database, query, name }
}

function endpointsOf(hosts: string, { kind, defaultPort }: { kind: Kind; defaultPort: number }): Endpoint[] {
  return hosts.split(',').map((each) => {
    const [, v6, name, digits = defaultPort] = /^(?:\[(.*)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(each) ?? []
    const host = v6 === undefined ? name : isIPv6(v6) ? v6 : undefined
    const port = Number(digits)
    if (host && port >= 1 && port <= 65_535) return { host, port }
    throw fault(kind, 'has an invalid host or port')
  })
}

function credentialsOf(user: string, kind: Kind): Credentials {
  if (user === '') return {}
  const [, username = '', password = ''] = /^([^:]*):(.+)$/s.exec(user) ?? []
  if (password === '') throw fault(kind, 'has a user and no password')
  return credentials(decoded(username, kind), decoded(password, kind))
}

function credentials(username: string | null, password: string | null): Credentials {
  return { ...(username && { username }), ...(password && { password }) }
}

function decoded(text: string, kind: Kind): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw fault(kind, 'has a % that does not begin a percent-encoded character')
  }
}

type Kind = RedisAddress['kind']

function fault(kind: Kind, what: string): Error {
  return new Error(`${what}, it must be written like ${examples[kind]}`)
}
