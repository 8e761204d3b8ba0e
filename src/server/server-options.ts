import { type FastifyHttpOptions, type FastifyInstance, LogController, type RawServerDefault } from 'fastify'
import type { LogFn, Logger } from 'pino'
import pretty from 'pino-pretty'
import type { Config } from '../settings/config.ts'
import { answerClientError } from './client-errors.ts'

/** What Fastify itself is started with: who to believe about addresses, how much and how long to listen. */
export function serverOptions(config: Config) {
  return {
    logger: logging(config.logLevel),
    // Two lines for every request are for looking into a problem, not for every day.
    logController: new LogController({
      disableRequestLogging: !['debug', 'trace'].includes(config.logLevel)
    }),
    trustProxy: config.trustProxy,
    bodyLimit: 64 * 1024,
    // Only what hangs: a machine that is slow, or has much else to do at the start, is none.
    pluginTimeout: 120_000,
    requestTimeout: 10_000,
    // Longer than the 60 s that proxies keep an idle connection, or they would reuse one that is just closing.
    keepAliveTimeout: 72_000,
    http: {
      // Node looks at the request timeout only this often; its default would make 10 s up to 40.
      connectionsCheckingInterval: 1000,
      headersTimeout: 10_000,
      requestTimeout: 10_000,
      maxHeaderSize: 16 * 1024,
      // plugins/server/limits.ts does.
      requireHostHeader: false
    },
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    // A request target may carry the whole address (RFC 9112 §3.2.2); only the path says what is wanted.
    rewriteUrl: ({ url = '/' }) =>
      url.startsWith('/')
        ? url
        : url.replace(/^https?:\/\/[^/?#]*(?=([/?#]?))/i, (_, next) => (next === '/' ? '' : '/')),
    clientErrorHandler(this: FastifyInstance, error, socket) {
      answerClientError(error, socket, this.fixedHeaders)
    },
    // So that an address that cannot be decoded is answered like every other bad request: see plugins/pages/errors.ts.
    frameworkErrors(error, request, reply) {
      request.server.errorHandler(error, request, reply.headers(request.server.fixedHeaders))
    }
  } satisfies FastifyHttpOptions<RawServerDefault>
}

/** Lines for people at a terminal, JSON for programs everywhere else. */
function logging(level: string) {
  const common = { level, hooks: { logMethod: explainListenError } }
  if (!process.stdout.isTTY) return common
  return {
    ...common,
    stream: pretty({ sync: true, ignore: 'pid,hostname,reqId', translateTime: 'HH:MM:ss' })
  }
}

/** fastify-cli logs the error of a port in use as it is; the person who started a second one wants the way out. */
function explainListenError(this: Logger, words: Parameters<LogFn>, log: LogFn): void {
  const [error]: unknown[] = words
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    log.call(
      this,
      `Port ${error.port} is in use. Stop what listens there, or choose another: PORT=3001 npm start`
    )
  } else {
    log.apply(this, words)
  }
}
