import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify'
import fp from 'fastify-plugin'

type Cookies = FastifyRequest['cookies']

const taken = Symbol('cookies')
const state = Symbol('state of the cookies to set')

interface Asked extends FastifyRequest {
  [taken]?: Cookies
}

interface Answer extends FastifyReply {
  [state]?: 'none' | 'some' | 'written'
}

/** `request.cookies`: the header is taken apart when somebody asks. Once that was done setting a cookie leaves it. */
const whenAsked = {
  getter(this: Asked) {
    this[taken] ??= this.server.parseCookie(this.headers.cookie ?? '')
    return this[taken]
  },
  setter(this: Asked, cookies: Cookies) {
    this[taken] ??= cookies
  }
}

/**
 * @fastify/cookie, unless the app we are in has it already. It takes the Cookie header of every request apart, makes
 * room for cookies to set, and has two hooks; but nearly all requests need no cookie but the session's, which is
 * found without (see SentTickets). So here it does all that when a request has to do with cookies.
 * @returns what writes the cookies that were set into the answer, to be called once, on the way out
 */
export async function addCookies(app: FastifyInstance): Promise<(reply: FastifyReply) => void> {
  if (app.hasReplyDecorator('setCookie')) return () => {}
  let hook: onSendHookHandler = (_request, _reply, _body, done) => done()
  const write = (reply: FastifyReply) => void hook.call(app, reply.request, reply, null, () => {})

  /** What is set after the others were written, the plugin writes at once only if there were others. */
  function decorateReply(name: string | symbol, value: unknown) {
    if (typeof value !== 'function') return
    app.decorateReply(name, function (this: Answer, ...words: unknown[]) {
      Reflect.apply(value, this, words)
      if (this[state] === 'written') write(this)
      else this[state] = 'some'
      return this
    })
  }

  const own = {
    decorateReply,
    decorateRequest: (name: string) => app.decorateRequest(name, whenAsked),
    addHook: (_: 'onSend', handler: onSendHookHandler) => {
      hook = handler
    }
  }
  const face = new Proxy(app, { get: (_, name) => Reflect.get(own, name) ?? Reflect.get(app, name) })
  app.decorateReply(state, 'none')
  // Under its own name, so that plugins which depend on it find it.
  await app.register(fp(() => cookie(face, { hook: false }), { name: '@fastify/cookie' }))
  return (reply: Answer) => {
    if (reply[state] === 'some') write(reply)
    reply[state] = 'written'
  }
}
