import type { Registration } from '../accounts/accounts.ts'
import { parseHashCost } from '../accounts/hash-cost.ts'
import { parseColor, parseLogo, parseSiteName } from '../branding/look.ts'
import { parseDatabaseUrl } from '../database/database-address.ts'
import { parseCookieDomain, parseGateHosts } from '../gate/shared-cookie.ts'
import { parseLanguageTags } from '../i18n/language-tags.ts'
import { readOwnTexts } from '../i18n/own-texts.ts'
import { parseReaders } from '../metrics/readers.ts'
import { parseDuration, parsePatience } from '../primitives/durations.ts'
import { parseCookieName } from '../sessions/cookie/session-cookie.ts'
import type { SessionIds } from '../sessions/session-keys.ts'
import { parseViewsFolder } from '../views/own-folder.ts'
import { parseOrigins, parsePublicUrl, parseTrustProxy } from '../web/addresses.ts'
import { list, oneOf, parseRedisUrl, parseSecrets, wholeNumber } from './parsers.ts'
import { type Setting, type SettingsOf, setting, settingsIn } from './setting.ts'

/** Every setting, in the order of the README. `npm run settings` writes down elsewhere what is stated here. */
export const table = {
  port: setting('PORT', {
    group: 'server',
    parse: wholeNumber(0, 65_535),
    default: '3000',
    help: 'where to listen; `0` takes any free port'
  }),
  publicUrl: setting('PUBLIC_URL', {
    group: 'address',
    parse: parsePublicUrl,
    unset: '`http://localhost:PORT`',
    help: 'the address people open; with https the cookie is `Secure` and `__Host-`, and nobody signs in over plain http',
    secret: 'password'
  }),
  trustedOrigins: setting('TRUSTED_ORIGINS', {
    group: 'address',
    parse: list(parseOrigins),
    unset: 'nobody',
    help: 'other sites whose forms may post here, separated by commas: `https://www.example.org`',
    secret: 'password'
  }),
  gateHosts: setting('GATE_HOSTS', {
    group: 'address',
    parse: list(parseGateHosts),
    unset: 'none',
    help: 'hosts of [other apps](docs/gate.md) that people sign in to here: `app.example.org, app.example.org:8443, *.example.org`'
  }),
  cookieDomain: setting('COOKIE_DOMAIN', {
    group: 'cookie',
    parse: parseCookieDomain,
    unset: 'this host alone',
    help: 'every host under this domain gets the session cookie too: the apps in `GATE_HOSTS` need it; then it is `__Secure-` instead of `__Host-`'
  }),
  trustProxy: setting('TRUST_PROXY', {
    group: 'server',
    parse: parseTrustProxy,
    unset: 'nobody',
    help: 'addresses or networks of the proxies in front, whose `X-Forwarded-*` to believe: `127.0.0.1, 10.0.0.0/8, loopback, linklocal, uniquelocal`'
  }),
  database: setting('DATABASE_URL', {
    group: 'storage',
    parse: parseDatabaseUrl,
    default: 'file:./data/latchkey.db',
    help: 'the embedded database; `file::memory:` forgets everything at the end',
    secret: 'password'
  }),
  redisUrl: setting('REDIS_URL', {
    group: 'storage',
    parse: parseRedisUrl,
    unset: 'none',
    help: 'keep sessions in this Redis (7 or newer), `redis://` or `rediss://`, instead of the embedded database; needs `SESSION_SECRET`',
    secret: 'password'
  }),
  sessionSecrets: setting('SESSION_SECRET', {
    group: 'cookie',
    parse: list(parseSecrets),
    unset: 'made at the first start, kept in `session.secret` beside the database',
    help: 'signs the cookies, 32 characters or more; several separated by commas: the first signs, all verify',
    secret: 'whole'
  }),
  cookieName: setting('SESSION_COOKIE', {
    group: 'cookie',
    parse: parseCookieName,
    unset: '`latchkey`, over https `__Host-latchkey`',
    help: 'the name of the cookie, to share it with an Express app: `connect.sid`'
  }),
  sessionIds: setting('SESSION_IDS', {
    group: 'storage',
    parse: oneOf<SessionIds>('hashed', 'plain'),
    default: 'hashed',
    help: 'how sessions are found in the store: by a hash of their id, or `plain`, to share them with an app that uses connect-redis itself; then a copy of the store is as good as every cookie'
  }),
  sessionCache: setting('SESSION_CACHE', {
    group: 'storage',
    parse: wholeNumber(0, 1_000_000),
    default: '10000',
    help: 'how many sessions stay in the process once they were read; the store tells it the moment one changes. `0`: every request asks the store, as it always does on a Redis Cluster'
  }),
  storagePatience: setting('STORAGE_PATIENCE', {
    group: 'storage',
    parse: parsePatience,
    default: '500ms',
    help: 'how long Redis or PostgreSQL may take to answer before the request gets 503, from `100ms` to `60s`; also how long a write waits for another process that writes to the embedded database. Time in which this process itself stood still does not count. [Across regions](docs/deploying.md#stores-that-are-far-away) it has to be longer'
  }),
  lifetimes: {
    idle: setting('SESSION_IDLE', {
      group: 'storage',
      parse: parseDuration,
      default: '30m',
      help: 'a session not used for this long is over'
    }),
    absolute: setting('SESSION_LIFETIME', {
      group: 'storage',
      parse: parseDuration,
      default: '12h',
      help: 'a session is over this long after signing in, whatever happens'
    }),
    rememberIdle: setting('REMEMBER_IDLE', {
      group: 'storage',
      parse: parseDuration,
      default: '14d',
      help: 'the same as `SESSION_IDLE`, for “stay signed in”'
    }),
    rememberAbsolute: setting('REMEMBER_LIFETIME', {
      group: 'storage',
      parse: parseDuration,
      default: '30d',
      help: 'the same as `SESSION_LIFETIME`, for “stay signed in”'
    })
  },
  registration: setting('REGISTRATION', {
    group: 'accounts',
    parse: oneOf<Registration>('first', 'open', 'closed'),
    default: 'first',
    help: 'who may register: `first` (whoever comes first, until there is an account), `open`, `closed`'
  }),
  passwordMinLength: setting('PASSWORD_MIN_LENGTH', {
    group: 'accounts',
    parse: wholeNumber(8, 64),
    default: '15',
    help: 'the fewest characters of a new password, from 8 to 64'
  }),
  passwordHash: setting('PASSWORD_HASH', {
    group: 'accounts',
    parse: parseHashCost,
    default: 'm=12288,t=3,p=1',
    help: "the argon2id cost of new hashes: memory in KiB, passes, lanes; at least OWASP's"
  }),
  passwordPeppers: setting('PASSWORD_PEPPERS', {
    group: 'accounts',
    parse: list(parseSecrets),
    unset: 'none',
    help: 'secrets that go into the hashes and are in no database, 32 characters or more; several separated by commas: the first is used, all verify, and a sign-in brings a hash to the first',
    secret: 'whole'
  }),
  threads: setting('UV_THREADPOOL_SIZE', {
    group: 'server',
    parse: wholeNumber(1, 1024),
    default: '4',
    help: "Node's own, not from `.env`, and with `npm start` as many as cores: passwords are hashed on one thread less, at most on every core but one"
  }),
  languages: setting('LANGUAGES', {
    group: 'pages',
    parse: list(parseLanguageTags),
    unset: 'all there are',
    help: 'what pages come in, `de,en`: the browser chooses, the first is for who wants none of them'
  }),
  auditRetention: setting('AUDIT_RETENTION', {
    group: 'accounts',
    parse: parseDuration,
    default: '90d',
    help: 'how long the audit trail remembers who signed in when and from where'
  }),
  texts: setting('TEXTS', {
    group: 'pages',
    parse: readOwnTexts,
    unset: 'none',
    help: 'a folder with files such as `de.json`, `{ "login": { "title": "Welcome back" } }`: what pages say in other words, or in [another language](src/i18n/README.md)'
  }),
  look: {
    name: setting('SITE_NAME', {
      group: 'pages',
      parse: parseSiteName,
      default: 'Latchkey',
      help: "what pages call the site; nobody's password is little more than that"
    }),
    logo: setting('SITE_LOGO', {
      group: 'pages',
      parse: parseLogo,
      unset: 'none',
      help: 'a file with its picture: SVG, PNG, JPEG, WebP or AVIF of up to 256 KiB'
    }),
    color: setting('SITE_COLOR', {
      group: 'pages',
      parse: parseColor,
      unset: 'none',
      help: 'the colour of links and buttons; made darker or lighter until it can be read in both schemes'
    })
  },
  views: setting('VIEWS', {
    group: 'pages',
    parse: parseViewsFolder,
    unset: 'none',
    help: 'a folder with Eta views and `assets/` of your own: what is in it stands in for ours in `views/`, the rest stays'
  }),
  metricsReaders: setting('METRICS', {
    group: 'server',
    parse: parseReaders,
    default: 'loopback',
    help: "who may read `/metrics`: `off`, or addresses and networks as in `TRUST_PROXY`; behind a proxy that is in `TRUST_PROXY` the client's address counts, behind any other nobody may"
  }),
  longestStall: setting('MAX_STALL', {
    group: 'server',
    parse: parseDuration,
    default: '2s',
    help: 'a process that keeps everybody waiting longer, twice in a row, answers new requests with 503 until it has caught up; one pause that is over turns nobody away'
  }),
  logLevel: setting('LOG_LEVEL', {
    group: 'server',
    parse: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    default: 'info',
    help: '`fatal`, `error`, `warn`, `info`, `debug` (also every request), `trace`, `silent`'
  })
}

export type AnySetting = SettingsOf<typeof table>

/** The same without what they are part of. */
export const settings: readonly Setting[] = settingsIn(table)

/** What the library takes for a setting. */
export type OptionOf<Name extends AnySetting['name']> = NonNullable<
  Extract<AnySetting, { readonly name: Name }>['parse']['option']
>
