import type { OptionOf } from './settings.ts'

/**
 * Every setting of the README under its name in camelCase: `SESSION_IDLE` is `sessionIdle`. The environment is not
 * read; undefined counts as not set. Lists may be arrays, durations are written `45s`, `30m`, `12h`, `30d`. Made out
 * of settings.ts by `npm run settings`.
 */
export interface SettingOptions {
  /** The address that people open, perhaps with a path; with https the cookie is `Secure` with the prefix `__Host-`, and sign-in over plain http is refused. By default: `http://localhost:PORT`. */
  readonly publicUrl?: OptionOf<'PUBLIC_URL'> | undefined
  /** Other origins whose forms may post here and whose pages may open WebSockets: sites, all sites below a name, apps and browser extensions: `https://www.example.org, https://*.example.org, capacitor://localhost, chrome-extension://…`. By default: nobody. */
  readonly trustedOrigins?: OptionOf<'TRUSTED_ORIGINS'> | undefined
  /** Hosts of other apps that use this sign-in: `app.example.org, app.example.org:8443, *.example.org`. By default: none. */
  readonly gateHosts?: OptionOf<'GATE_HOSTS'> | undefined
  /** A file with rules that say who may use which of these apps: `./gate.yaml`. By default: whoever is signed in. */
  readonly gateRules?: OptionOf<'GATE_RULES'> | undefined
  /** Send the session cookie to every host under this domain, as the apps in `gateHosts` need it; its prefix is then `__Secure-` instead of `__Host-`. By default: this host alone. */
  readonly cookieDomain?: OptionOf<'COOKIE_DOMAIN'> | undefined
  /** A file for accounts and sessions, or `postgres://…` for accounts; `file::memory:` loses everything at exit. By default: `file:./data/latchkey.db`. */
  readonly databaseUrl?: OptionOf<'DATABASE_URL'> | undefined
  /** Store sessions in this Redis (7 or newer), `redis://`, `rediss://` or `unix:/run/redis/redis.sock`, instead of the embedded database; needs `sessionSecret`. By default: none. */
  readonly redisUrl?: OptionOf<'REDIS_URL'> | undefined
  /** In front of the keys of sessions, connect-redis's `prefix`; every other key begins with it too, without the colon. Each installation on one Redis needs its own. By default: `sess:`. */
  readonly redisPrefix?: OptionOf<'REDIS_PREFIX'> | undefined
  /** Signs the cookies, 32 characters or more; of several, separated by commas, the first signs and all verify. By default: generated at the first start, stored in `session.secret` beside the database. */
  readonly sessionSecret?: OptionOf<'SESSION_SECRET'> | undefined
  /** The name of the cookie, to share it with an Express app: `connect.sid`. By default: `latchkey`, over https `__Host-latchkey`, under a path `__Secure-latchkey`. */
  readonly sessionCookie?: OptionOf<'SESSION_COOKIE'> | undefined
  /** The key of a session in the store: a hash of its id, or `plain` to share sessions with an app that uses connect-redis itself; with `plain`, a copy of the store contains every valid session id. By default: `hashed`. */
  readonly sessionIds?: OptionOf<'SESSION_IDS'> | undefined
  /** How many sessions a person may have at once, up to 1000; `0`: any number. A sign-in beyond it ends another session: first one that was not used after its first minute, then one without “stay signed in”, then the one that was not used for longest. By default: `100`. */
  readonly sessionsPerAccount?: OptionOf<'SESSIONS_PER_ACCOUNT'> | undefined
  /** How many sessions the process caches; the store notifies it at once when one changes. With `0` every request reads the store. By default: `10000`. */
  readonly sessionCache?: OptionOf<'SESSION_CACHE'> | undefined
  /** Where Redis refuses `CLIENT TRACKING`, as some managed ones do: `on` lets the process use a session for up to a second after it was read, so an end or a change by another process may be seen that much later; with `off` every request reads it. By default: `off`. */
  readonly sessionCacheUntracked?: OptionOf<'SESSION_CACHE_UNTRACKED'> | undefined
  /** How long Redis or PostgreSQL may take to answer before the request gets 503, from `100ms` to `60s`; also how long a write waits for another process that writes to the embedded database. Time in which this process itself was blocked does not count. Across regions it has to be longer. By default: `500ms`. */
  readonly storagePatience?: OptionOf<'STORAGE_PATIENCE'> | undefined
  /** Idle timeout: a session that is not used for this long ends. By default: `30m`. */
  readonly sessionIdle?: OptionOf<'SESSION_IDLE'> | undefined
  /** Absolute lifetime: a session ends this long after sign-in, used or not. By default: `12h`. */
  readonly sessionLifetime?: OptionOf<'SESSION_LIFETIME'> | undefined
  /** The idle timeout with “stay signed in”. By default: `14d`. */
  readonly rememberIdle?: OptionOf<'REMEMBER_IDLE'> | undefined
  /** The absolute lifetime with “stay signed in”. By default: `30d`. */
  readonly rememberLifetime?: OptionOf<'REMEMBER_LIFETIME'> | undefined
  /** Who may register: `first` (until there is an account, by the link that the start prints, or at the machine itself; that account is the administrator’s), `open` (anybody) or `closed` (nobody). By default: `first`. */
  readonly registration?: OptionOf<'REGISTRATION'> | undefined
  /** Whether who registers names an e-mail address: `off` (nobody does), `optional` (whoever wants to; it is confirmed afterwards) or `required` (an account is made by a link in a mail, and nobody learns which addresses have one; the first account of `registration=first` needs none). Without mail the service does not start with it. By default: `off`. */
  readonly registrationEmail?: OptionOf<'REGISTRATION_EMAIL'> | undefined
  /** Who needs a second factor to sign in: `optional` (whoever has set one up), `admins` (administrators too) or `everybody`; who has none sets it up before the first session, and sessions from before are asked at their next use. By default: `optional`. */
  readonly secondFactor?: OptionOf<'SECOND_FACTOR'> | undefined
  /** The domain that passkeys are made for: the host in `publicUrl`, or a domain that it is under, so that they outlive a move from `login.example.org` to `id.example.org`. Passkeys work at no other domain than the one they were made for. By default: the host in `PUBLIC_URL`. */
  readonly passkeyDomain?: OptionOf<'PASSKEY_DOMAIN'> | undefined
  /** The minimum length of a new password, from 8 to 64. By default: `15`. */
  readonly passwordMinLength?: OptionOf<'PASSWORD_MIN_LENGTH'> | undefined
  /** The argon2id cost of new hashes: memory in KiB, passes, lanes; not less than OWASP's minimum. By default: `m=12288,t=3,p=1`. */
  readonly passwordHash?: OptionOf<'PASSWORD_HASH'> | undefined
  /** Secrets that are part of every password hash but are not in the database, 32 characters or more; of several, separated by commas, the first is used for new hashes, all verify, and a sign-in moves a hash to the first. By default: none. */
  readonly passwordPeppers?: OptionOf<'PASSWORD_PEPPERS'> | undefined
  /** Keys that seal in the database what one-time codes are made from, and mail, 32 characters or more; of several, separated by commas, the first seals, all open, and the service moves what is sealed to the first. Without one there are no one-time codes and no mail. By default: generated at the first start, stored in `data.key` beside the embedded database; with PostgreSQL none. */
  readonly dataKeys?: OptionOf<'DATA_KEYS'> | undefined
  /** Who sends mail: `smtps://user:password@mail.example.org`, `smtp://…` with STARTTLS, `file:./data/mail` for files in a folder, or `off`. By default: the folder `mail` beside the embedded database while `PUBLIC_URL` is on localhost, else `off`. */
  readonly mailUrl?: OptionOf<'MAIL_URL'> | undefined
  /** Whom mail comes from: `no-reply@example.org`, or with a name that is not `siteName`: `Example <no-reply@example.org>`. By default: `no-reply@` the host in `PUBLIC_URL`. */
  readonly mailFrom?: OptionOf<'MAIL_FROM'> | undefined
  /** Which notices people get besides those that nobody can turn off: `sign-ins` in a browser that is not known, what an `administration` does to roles and access, or `required` for neither. By default: `sign-ins, administration`. */
  readonly mailNotices?: OptionOf<'MAIL_NOTICES'> | undefined
  /** The languages of the pages, `de,en`: the browser chooses, the first is the fallback. By default: all. */
  readonly languages?: OptionOf<'LANGUAGES'> | undefined
  /** How long the audit trail is stored; events are deleted up to 25 hours later. By default: `90d`. */
  readonly auditRetention?: OptionOf<'AUDIT_RETENTION'> | undefined
  /** A folder with files such as `en.json`, `{ "login": { "title": "Welcome back" } }`: your own texts of the pages, or another language. By default: none. */
  readonly texts?: OptionOf<'TEXTS'> | undefined
  /** The name of the site on the pages; a password may not consist of little more than it. By default: `Latchkey`. */
  readonly siteName?: OptionOf<'SITE_NAME'> | undefined
  /** A file with the logo: SVG, PNG, JPEG, WebP or AVIF of up to 256 KiB. By default: none. */
  readonly siteLogo?: OptionOf<'SITE_LOGO'> | undefined
  /** The colour of links and buttons; it is made darker or lighter until it is readable in the light and the dark scheme. By default: none. */
  readonly siteColor?: OptionOf<'SITE_COLOR'> | undefined
  /** A folder with your own Eta views and `assets/`: a file there replaces the file of the same name in `views/`. By default: none. */
  readonly views?: OptionOf<'VIEWS'> | undefined
}
