import { parseHashCost } from '../accounts/hash-cost.ts'
import type { Registration, RegistrationEmail } from '../accounts/registration.ts'
import { parseColor, parseLogo, parseSiteName } from '../branding/branding.ts'
import { parseDatabaseUrl } from '../database/database-address.ts'
import { parsePasskeyDomain } from '../factors/passkeys/relying-party.ts'
import { readRulesFile } from '../gate/rules/rules-file.ts'
import { parseCookieDomain, parseGateHosts } from '../gate/shared-cookie.ts'
import { parseLanguageTags } from '../i18n/language-tags.ts'
import { readOwnTexts } from '../i18n/own-texts.ts'
import type { SecondFactorPolicy } from '../identity/second-factor.ts'
import { parseMailUrl } from '../mail/mail-url.ts'
import { parseMailNotices } from '../mail/optional-notices.ts'
import { parseSenderAddress } from '../mail/sender-address.ts'
import { parseMetricsAddress } from '../metrics/metrics-address.ts'
import { parseDuration, parsePatience } from '../primitives/durations.ts'
import { defaultPrefix, parseRedisPrefix } from '../redis/prefix.ts'
import { parseCookieName } from '../sessions/cookie/session-cookie.ts'
import type { SessionIds } from '../sessions/session-keys.ts'
import { parseViewsFolder } from '../views/own-folder.ts'
import { parsePublicUrl, parseTrustProxy } from '../web/addresses.ts'
import { parseOrigins } from '../web/trusted-origins.ts'
import { list, oneOf, parseRedisUrl, parseSecrets, wholeNumber } from './parsers.ts'
import { type Setting, type SettingsOf, setting, settingsIn } from './setting.ts'

/** All settings, in the order of the README. `npm run settings` writes them to other places. */
export const table = {
  port: setting('PORT', {
    group: 'server',
    parse: wholeNumber(0, 65_535),
    default: '3000',
    help: 'the port to listen on; `0` takes any free port'
  }),
  publicUrl: setting('PUBLIC_URL', {
    group: 'address',
    parse: parsePublicUrl,
    unset: '`http://localhost:PORT`',
    help: 'the address that people open, perhaps [with a path](docs/deploying.md#under-a-path); with https the cookie is `Secure` with the prefix `__Host-`, and sign-in over plain http is refused',
    secret: 'password',
    protects: true
  }),
  trustedOrigins: setting('TRUSTED_ORIGINS', {
    group: 'address',
    parse: list(parseOrigins),
    unset: 'nobody',
    help: 'other origins whose forms may post here and whose pages may open WebSockets: sites, all sites below a name, apps and browser extensions: `https://www.example.org, https://*.example.org, capacitor://localhost, chrome-extension://…`',
    secret: 'password'
  }),
  gateHosts: setting('GATE_HOSTS', {
    group: 'address',
    parse: list(parseGateHosts),
    unset: 'none',
    help: 'hosts of [other apps](docs/gate.md) that use this sign-in: `app.example.org, app.example.org:8443, *.example.org`'
  }),
  gateRules: setting('GATE_RULES', {
    group: 'address',
    parse: readRulesFile,
    unset: 'whoever is signed in',
    help: 'a file with [rules](docs/gate.md#rules) that say who may use which of these apps: `./gate.yaml`',
    protects: true
  }),
  cookieDomain: setting('COOKIE_DOMAIN', {
    group: 'cookie',
    parse: parseCookieDomain,
    unset: 'this host alone',
    help: 'send the session cookie to every host under this domain, as the apps in `GATE_HOSTS` need it; its prefix is then `__Secure-` instead of `__Host-`'
  }),
  trustProxy: setting('TRUST_PROXY', {
    group: 'server',
    parse: parseTrustProxy,
    unset: 'nobody',
    help: 'addresses or networks of the proxies whose `X-Forwarded-*` headers are trusted: `127.0.0.1, 10.0.0.0/8, loopback, linklocal, uniquelocal`',
    protects: true
  }),
  database: setting('DATABASE_URL', {
    group: 'storage',
    parse: parseDatabaseUrl,
    default: 'file:./data/latchkey.db',
    help: 'a file for accounts and sessions, or `postgres://…` for accounts; `file::memory:` loses everything at exit',
    secret: 'password',
    protects: true
  }),
  redisUrl: setting('REDIS_URL', {
    group: 'storage',
    parse: parseRedisUrl,
    unset: 'none',
    help: 'store sessions in this Redis (7 or newer), `redis://`, `rediss://` or `unix:/run/redis/redis.sock`, instead of the embedded database; needs `SESSION_SECRET`',
    secret: 'password',
    protects: true
  }),
  redisPrefix: setting('REDIS_PREFIX', {
    group: 'storage',
    parse: parseRedisPrefix,
    default: defaultPrefix,
    help: "in front of the keys of sessions, connect-redis's `prefix`; every other key begins with it too, without the colon. Each installation on one Redis needs its own"
  }),
  sessionSecrets: setting('SESSION_SECRET', {
    group: 'cookie',
    parse: list(parseSecrets),
    unset: 'generated at the first start, stored in `session.secret` beside the database',
    help: 'signs the cookies, 32 characters or more; of several, separated by commas, the first signs and all verify',
    secret: 'whole',
    protects: true
  }),
  cookieName: setting('SESSION_COOKIE', {
    group: 'cookie',
    parse: parseCookieName,
    unset: '`latchkey`, over https `__Host-latchkey`, under a path `__Secure-latchkey`',
    help: 'the name of the cookie, to share it with an Express app: `connect.sid`'
  }),
  sessionIds: setting('SESSION_IDS', {
    group: 'storage',
    parse: oneOf<SessionIds>('hashed', 'plain'),
    default: 'hashed',
    help: 'the key of a session in the store: a hash of its id, or `plain` to share sessions with an app that uses connect-redis itself; with `plain`, a copy of the store contains every valid session id'
  }),
  sessionsPerAccount: setting('SESSIONS_PER_ACCOUNT', {
    group: 'storage',
    parse: wholeNumber(0, 1000),
    default: '100',
    help: 'how many sessions a person may have at once, up to 1000; `0`: any number. A sign-in beyond it ends another session: first one that was not used after its first minute, then one without “stay signed in”, then the one that was not used for longest'
  }),
  sessionCache: setting('SESSION_CACHE', {
    group: 'storage',
    parse: wholeNumber(0, 1_000_000),
    default: '10000',
    help: 'how many sessions the process caches; the store notifies it at once when one changes. With `0` every request reads the store'
  }),
  sessionCacheUntracked: setting('SESSION_CACHE_UNTRACKED', {
    group: 'storage',
    parse: oneOf('off', 'on'),
    default: 'off',
    help: 'where Redis refuses `CLIENT TRACKING`, as some managed ones do: `on` lets the process use a session for up to a second after it was read, so an end or a change by another process may be seen that much later; with `off` every request reads it'
  }),
  storagePatience: setting('STORAGE_PATIENCE', {
    group: 'storage',
    parse: parsePatience,
    default: '500ms',
    help: 'how long Redis or PostgreSQL may take to answer before the request gets 503, from `100ms` to `60s`; also how long a write waits for another process that writes to the embedded database. Time in which this process itself was blocked does not count. [Across regions](docs/deploying.md#stores-that-are-far-away) it has to be longer'
  }),
  lifetimes: {
    idle: setting('SESSION_IDLE', {
      group: 'storage',
      parse: parseDuration,
      default: '30m',
      help: 'idle timeout: a session that is not used for this long ends',
      protects: true
    }),
    absolute: setting('SESSION_LIFETIME', {
      group: 'storage',
      parse: parseDuration,
      default: '12h',
      help: 'absolute lifetime: a session ends this long after sign-in, used or not',
      protects: true
    }),
    rememberIdle: setting('REMEMBER_IDLE', {
      group: 'storage',
      parse: parseDuration,
      default: '14d',
      help: 'the idle timeout with “stay signed in”',
      protects: true
    }),
    rememberAbsolute: setting('REMEMBER_LIFETIME', {
      group: 'storage',
      parse: parseDuration,
      default: '30d',
      help: 'the absolute lifetime with “stay signed in”',
      protects: true
    })
  },
  registration: setting('REGISTRATION', {
    group: 'accounts',
    parse: oneOf<Registration>('first', 'open', 'closed'),
    default: 'first',
    help: 'who may register: `first` (until there is an account, by the link that the start prints, or at the machine itself; that account is the administrator’s), `open` (anybody) or `closed` (nobody)',
    protects: true
  }),
  registrationEmail: setting('REGISTRATION_EMAIL', {
    group: 'accounts',
    parse: oneOf<RegistrationEmail>('off', 'optional', 'required'),
    default: 'off',
    help: 'whether who registers names an e-mail address: `off` (nobody does), `optional` (whoever wants to; it is confirmed afterwards) or `required` ([an account is made by a link in a mail](docs/mail.md#registration), and nobody learns which addresses have one; the first account of `REGISTRATION=first` needs none). Without mail the service does not start with it',
    protects: true
  }),
  secondFactor: setting('SECOND_FACTOR', {
    group: 'accounts',
    parse: oneOf<SecondFactorPolicy>('optional', 'admins', 'everybody'),
    default: 'optional',
    help: 'who needs [a second factor](docs/second-factors.md) to sign in: `optional` (whoever has set one up), `admins` (administrators too) or `everybody`; who has none sets it up before the first session, and sessions from before are asked at their next use',
    protects: true
  }),
  passkeyDomain: setting('PASSKEY_DOMAIN', {
    group: 'accounts',
    parse: parsePasskeyDomain,
    unset: 'the host in `PUBLIC_URL`',
    help: 'the domain that [passkeys](docs/passkeys.md#the-domain) are made for: the host in `PUBLIC_URL`, or a domain that it is under, so that they outlive a move from `login.example.org` to `id.example.org`. Passkeys work at no other domain than the one they were made for'
  }),
  passwordMinLength: setting('PASSWORD_MIN_LENGTH', {
    group: 'accounts',
    parse: wholeNumber(8, 64),
    default: '15',
    help: 'the minimum length of a new password, from 8 to 64',
    protects: true
  }),
  passwordHash: setting('PASSWORD_HASH', {
    group: 'accounts',
    parse: parseHashCost,
    default: 'm=12288,t=3,p=1',
    help: "the argon2id cost of new hashes: memory in KiB, passes, lanes; not less than OWASP's minimum",
    protects: true
  }),
  passwordPeppers: setting('PASSWORD_PEPPERS', {
    group: 'accounts',
    parse: list(parseSecrets),
    unset: 'none',
    help: 'secrets that are part of every password hash but are not in the database, 32 characters or more; of several, separated by commas, the first is used for new hashes, all verify, and a sign-in moves a hash to the first',
    secret: 'whole',
    protects: true
  }),
  dataKeys: setting('DATA_KEYS', {
    group: 'accounts',
    parse: list(parseSecrets),
    unset:
      'generated at the first start, stored in `data.key` beside the embedded database; with PostgreSQL none',
    help: 'keys that seal in the database what one-time codes are made from, and mail, 32 characters or more; of several, separated by commas, the first seals, all open, and the service moves what is sealed to the first. Without one there are no one-time codes and no mail',
    secret: 'whole',
    protects: true
  }),
  mailUrl: setting('MAIL_URL', {
    group: 'accounts',
    parse: parseMailUrl,
    unset: 'the folder `mail` beside the embedded database while `PUBLIC_URL` is on localhost, else `off`',
    help: 'who sends [mail](docs/mail.md): `smtps://user:password@mail.example.org`, `smtp://…` with STARTTLS, `file:./data/mail` for files in a folder, or `off`',
    secret: 'password',
    protects: true
  }),
  mailFrom: setting('MAIL_FROM', {
    group: 'accounts',
    parse: parseSenderAddress,
    unset: '`no-reply@` the host in `PUBLIC_URL`',
    help: 'whom mail comes from: `no-reply@example.org`, or with a name that is not `SITE_NAME`: `Example <no-reply@example.org>`'
  }),
  mailNotices: setting('MAIL_NOTICES', {
    group: 'accounts',
    parse: list(parseMailNotices),
    default: 'sign-ins, administration',
    help: 'which [notices](docs/mail.md#notices) people get besides those that nobody can turn off: `sign-ins` in a browser that is not known, what an `administration` does to roles and access, or `required` for neither'
  }),
  threads: setting('UV_THREADPOOL_SIZE', {
    group: 'server',
    parse: wholeNumber(1, 1024),
    default: '4',
    help: "Node's own setting, not read from `.env`; `npm start` sets it to the number of cores. Passwords are hashed on one thread less, and on at most all cores but one"
  }),
  languages: setting('LANGUAGES', {
    group: 'pages',
    parse: list(parseLanguageTags),
    unset: 'all',
    help: 'the languages of the pages, `de,en`: the browser chooses, the first is the fallback'
  }),
  auditRetention: setting('AUDIT_RETENTION', {
    group: 'accounts',
    parse: parseDuration,
    default: '90d',
    help: 'how long the audit trail is stored; events are deleted up to 25 hours later'
  }),
  texts: setting('TEXTS', {
    group: 'pages',
    parse: readOwnTexts,
    unset: 'none',
    help: 'a folder with files such as `en.json`, `{ "login": { "title": "Welcome back" } }`: your own texts of the pages, or [another language](src/i18n/README.md)'
  }),
  branding: {
    name: setting('SITE_NAME', {
      group: 'pages',
      parse: parseSiteName,
      default: 'Latchkey',
      help: 'the name of the site on the pages; a password may not consist of little more than it'
    }),
    logo: setting('SITE_LOGO', {
      group: 'pages',
      parse: parseLogo,
      unset: 'none',
      help: 'a file with the logo: SVG, PNG, JPEG, WebP or AVIF of up to 256 KiB'
    }),
    color: setting('SITE_COLOR', {
      group: 'pages',
      parse: parseColor,
      unset: 'none',
      help: 'the colour of links and buttons; it is made darker or lighter until it is readable in the light and the dark scheme'
    })
  },
  views: setting('VIEWS', {
    group: 'pages',
    parse: parseViewsFolder,
    unset: 'none',
    help: 'a folder with your own Eta views and `assets/`: a file there replaces the file of the same name in `views/`'
  }),
  metricsAddress: setting('METRICS_LISTEN', {
    group: 'server',
    parse: parseMetricsAddress,
    unset: 'nowhere',
    help: 'where `/metrics` is served to anybody who can connect: an address and port of its own, `127.0.0.1:9464`, or a Unix socket, `/run/latchkey/metrics.sock`; each process needs one of its own',
    protects: true
  }),
  metricsTokens: setting('METRICS_TOKEN', {
    group: 'server',
    parse: list(parseSecrets),
    unset: 'none',
    help: 'serve `/metrics` on `PORT` too, to whoever sends `Authorization: Bearer` with this token, 32 characters or more; of several, separated by commas, any',
    secret: 'whole',
    protects: true
  }),
  maxStall: setting('MAX_STALL', {
    group: 'server',
    parse: parseDuration,
    default: '2s',
    help: 'when the event loop is blocked for longer than this twice in a row, new requests get 503 until it has recovered; a single pause refuses nobody'
  }),
  logLevel: setting('LOG_LEVEL', {
    group: 'server',
    parse: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    default: 'info',
    help: '`fatal`, `error`, `warn`, `info`, `debug` (also every request), `trace`, `silent`'
  })
}

export type AnySetting = SettingsOf<typeof table>

/** The same as a flat list. */
export const settings: readonly Setting[] = settingsIn(table)

/** The type of the library's option for a setting. */
export type OptionOf<Name extends AnySetting['name']> = NonNullable<
  Extract<AnySetting, { readonly name: Name }>['parse']['option']
>
