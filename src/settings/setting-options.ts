import type { OptionOf } from './settings.ts'

/**
 * Every setting of the README under its name in camelCase: `SESSION_IDLE` is `sessionIdle`. The environment is not
 * read; undefined counts as not set. Lists may be arrays, durations are written `45s`, `30m`, `12h`, `30d`. Made out
 * of settings.ts by `npm run settings`.
 */
export interface SettingOptions {
  /** The address people open; with https the cookie is `Secure` and `__Host-`, and nobody signs in over plain http. By default: `http://localhost:PORT`. */
  readonly publicUrl?: OptionOf<'PUBLIC_URL'> | undefined
  /** Other sites whose forms may post here, separated by commas: `https://www.example.org`. By default: nobody. */
  readonly trustedOrigins?: OptionOf<'TRUSTED_ORIGINS'> | undefined
  /** Hosts of other apps that people sign in to here: `app.example.org, app.example.org:8443, *.example.org`. By default: none. */
  readonly gateHosts?: OptionOf<'GATE_HOSTS'> | undefined
  /** Every host under this domain gets the session cookie too: the apps in `gateHosts` need it; then it is `__Secure-` instead of `__Host-`. By default: this host alone. */
  readonly cookieDomain?: OptionOf<'COOKIE_DOMAIN'> | undefined
  /** The embedded database; `file::memory:` forgets everything at the end. By default: `file:./data/latchkey.db`. */
  readonly databaseUrl?: OptionOf<'DATABASE_URL'> | undefined
  /** Keep sessions in this Redis (7 or newer), `redis://` or `rediss://`, instead of the embedded database; needs `sessionSecret`. By default: none. */
  readonly redisUrl?: OptionOf<'REDIS_URL'> | undefined
  /** Signs the cookies, 32 characters or more; several separated by commas: the first signs, all verify. By default: made at the first start, kept in `session.secret` beside the database. */
  readonly sessionSecret?: OptionOf<'SESSION_SECRET'> | undefined
  /** The name of the cookie, to share it with an Express app: `connect.sid`. By default: `latchkey`, over https `__Host-latchkey`. */
  readonly sessionCookie?: OptionOf<'SESSION_COOKIE'> | undefined
  /** How sessions are found in the store: by a hash of their id, or `plain`, to share them with an app that uses connect-redis itself; then a copy of the store is as good as every cookie. By default: `hashed`. */
  readonly sessionIds?: OptionOf<'SESSION_IDS'> | undefined
  /** How many sessions stay in the process once they were read; the store tells it the moment one changes. `0`: every request asks the store, as it always does on a Redis Cluster. By default: `10000`. */
  readonly sessionCache?: OptionOf<'SESSION_CACHE'> | undefined
  /** How long Redis or PostgreSQL may take to answer before the request gets 503, from `100ms` to `60s`; also how long a write waits for another process that writes to the embedded database. Time in which this process itself stood still does not count. Across regions it has to be longer. By default: `500ms`. */
  readonly storagePatience?: OptionOf<'STORAGE_PATIENCE'> | undefined
  /** A session not used for this long is over. By default: `30m`. */
  readonly sessionIdle?: OptionOf<'SESSION_IDLE'> | undefined
  /** A session is over this long after signing in, whatever happens. By default: `12h`. */
  readonly sessionLifetime?: OptionOf<'SESSION_LIFETIME'> | undefined
  /** The same as `sessionIdle`, for “stay signed in”. By default: `14d`. */
  readonly rememberIdle?: OptionOf<'REMEMBER_IDLE'> | undefined
  /** The same as `sessionLifetime`, for “stay signed in”. By default: `30d`. */
  readonly rememberLifetime?: OptionOf<'REMEMBER_LIFETIME'> | undefined
  /** Who may register: `first` (whoever comes first, until there is an account), `open`, `closed`. By default: `first`. */
  readonly registration?: OptionOf<'REGISTRATION'> | undefined
  /** The fewest characters of a new password, from 8 to 64. By default: `15`. */
  readonly passwordMinLength?: OptionOf<'PASSWORD_MIN_LENGTH'> | undefined
  /** The argon2id cost of new hashes: memory in KiB, passes, lanes; at least OWASP's. By default: `m=12288,t=3,p=1`. */
  readonly passwordHash?: OptionOf<'PASSWORD_HASH'> | undefined
  /** Secrets that go into the hashes and are in no database, 32 characters or more; several separated by commas: the first is used, all verify, and a sign-in brings a hash to the first. By default: none. */
  readonly passwordPeppers?: OptionOf<'PASSWORD_PEPPERS'> | undefined
  /** What pages come in, `de,en`: the browser chooses, the first is for who wants none of them. By default: all there are. */
  readonly languages?: OptionOf<'LANGUAGES'> | undefined
  /** How long the audit trail remembers who signed in when and from where. By default: `90d`. */
  readonly auditRetention?: OptionOf<'AUDIT_RETENTION'> | undefined
  /** A folder with files such as `de.json`, `{ "login": { "title": "Welcome back" } }`: what pages say in other words, or in another language. By default: none. */
  readonly texts?: OptionOf<'TEXTS'> | undefined
  /** What pages call the site; nobody's password is little more than that. By default: `Latchkey`. */
  readonly siteName?: OptionOf<'SITE_NAME'> | undefined
  /** A file with its picture: SVG, PNG, JPEG, WebP or AVIF of up to 256 KiB. By default: none. */
  readonly siteLogo?: OptionOf<'SITE_LOGO'> | undefined
  /** The colour of links and buttons; made darker or lighter until it can be read in both schemes. By default: none. */
  readonly siteColor?: OptionOf<'SITE_COLOR'> | undefined
  /** A folder with Eta views and `assets/` of your own: what is in it stands in for ours in `views/`, the rest stays. By default: none. */
  readonly views?: OptionOf<'VIEWS'> | undefined
}
