import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { services } from '../../src/open-services.ts'
import { sessionCookie, valuePrefix } from '../../src/sessions/cookie/session-cookie.ts'
import { possibleDomains } from '../../src/sessions/cookie/several-cookies.ts'
import { isNavigation } from './browser-cookie.ts'
import { clearedCookie } from './cookies.ts'
import type { SentCookie } from './sent-cookie.ts'

/** Clears what other settings or another host of the domain left in the browser. */
export function staleCookies(app: FastifyInstance) {
  const { config, sessions } = app[services]
  const { name, attributes } = sessionCookie(config)
  const { domain: ownDomain, ...hostOnly } = { domain: undefined, ...attributes }

  /** Leaves the browser with one cookie of the present attributes, or with none. */
  function clear(request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined {
    const { sentCookie } = request
    const isSet = [reply.getHeader('set-cookie')].flat().some((line) => `${line}`.startsWith(`${name}=`))
    if (sentCookie?.session && !isSet) return moveCookie(request, reply, sentCookie)
    clearOthers(request, reply)
    return undefined
  }

  /** It may be one of other attributes. A request beside this one may have signed in or out. */
  async function moveCookie(request: FastifyRequest, reply: FastifyReply, { token, session }: SentCookie) {
    if (!isNavigation(request) || !(await sessions.find(token.id).catch(() => undefined))) return
    const { originalMaxAge } = session?.record.cookie ?? {}
    const expiry = originalMaxAge ? { expires: new Date(Date.now() + originalMaxAge) } : {}
    reply.sendCookie({ ...attributes, ...expiry, name, value: valuePrefix + token.signed })
    clearOthers(request, reply)
  }

  /** Before the others: simple clients tell cookies apart by their names alone. */
  function clearOthers(request: FastifyRequest, reply: FastifyReply): void {
    const domains = domainsOf(request)
    if (domains.length === 0) return
    const lines = [reply.getHeader('set-cookie') ?? []].flat()
    reply.removeHeader('set-cookie')
    for (const domain of domains)
      reply.sendCookie(clearedCookie(name, { ...hostOnly, ...(domain && { domain }) }))
    for (const line of lines) reply.header('set-cookie', line)
  }

  /** All but that of the present settings. */
  function domainsOf({ host }: FastifyRequest): (string | undefined)[] {
    if (name.startsWith('__Host-')) return []
    const hosts = [host, config.publicUrl?.host ?? host]
    return [...new Set(hosts.flatMap(possibleDomains))].filter((domain) => domain !== ownDomain)
  }

  return clear
}

/** Whether the browser may have a cookie that leads nowhere. */
export function hasStaleCookies({ sentCookie }: FastifyRequest): boolean {
  if (!sentCookie || sentCookie.isSuperseded) return false
  return sentCookie.session === undefined || sentCookie.others !== undefined
}
