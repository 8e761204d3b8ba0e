import type { IncomingMessage, ServerResponse } from 'node:http'

const responses = new WeakMap<object, ServerResponse>()

/** Notes the response of a request, which only Express notes itself. */
export function noteResponse(req: IncomingMessage & { res?: unknown }, res: ServerResponse): void {
  if (req.res === undefined) responses.set(req, res)
}

/** undefined: the request has none, such as an upgrade to a WebSocket. */
export function responseOf(req: IncomingMessage & { res?: unknown }): ServerResponse | undefined {
  const res = (req.res as ServerResponse | undefined) ?? responses.get(req)
  // Programs pass {} for a WebSocket, as the documentation of `ws` shows.
  return typeof res?.appendHeader === 'function' ? res : undefined
}
