import { type FastifyHttpOptions, type FastifyInstance, LogController, type RawServerDefault } from 'fastify'
import type { LogFn, Logger } from 'pino'
import type { Config } from '../settings/config.ts'
import { basePath, withoutBase } from '../web/public-paths.ts'
import { trustProxies } from '../web/trusted-proxies.ts'
import { answerClientError } from './client-errors.ts'
import { logOutput } from './log-output.ts'
import { schemaController } from './schema-compilers.ts'

/** Options of the Fastify server: trusted proxies, limits and timeouts. */
export function serverOptions(config: Config) {
  const base = basePath(config.publicUrl)
  return {
    logger: logging(config.logLevel),
    // Two lines for each request are for debugging only.
    logController: new LogController({
      disableRequestLogging: !['debug', 'trace'].includes(config.logLevel)
    }),
    schemaController,
    trustProxy: config.trustProxy && trustProxies(config.trustProxy),
    bodyLimit: 64 * 1024,
    // For plugins that hang, not for a slow machine.
    pluginTimeout: 120_000,
    requestTimeout: 10_000,
    // Longer than the 60 s that proxies keep an idle connection, or they would reuse one that is being
    // closed.
    keepAliveTimeout: 72_000,
    http: {
      // How often Node checks the request timeout; with its default, 10 s could become 40.
      connectionsCheckingInterval: 1000,
      headersTimeout: 10_000,
      requestTimeout: 10_000,
      maxHeaderSize: 16 * 1024,
      // plugins/server/limits.ts checks it.
      requireHostHeader: false
    },
    forceCloseConnections: 'idle',
    // A request that has reached a server that stops is answered: a proxy does not send a POST to the next one.
    return503OnClosing: false,
    rewriteUrl: ({ url = '/' }) => withoutBase(pathIn(url), base),
    clientErrorHandler(this: FastifyInstance, error, socket) {
      answerClientError(error, socket, this.fixedHeaders)
    },
    // So that an invalid address is answered like any other bad request: see plugins/pages/errors.ts.
    frameworkErrors(error, request, reply) {
      request.server.errorHandler(error, request, reply.headers(request.server.fixedHeaders))
    }
  } satisfies FastifyHttpOptions<RawServerDefault>
}

/** The request target may be a full address (RFC 9112 §3.2.2); only its path counts. */
function pathIn(url: string): string {
  if (url.startsWith('/')) return url
  return url.replace(/^https?:\/\/[^/?#]*(?=([/?#]?))/i, (_, next) => (next === '/' ? '' : '/'))
}

function logging(level: string) {
  const stream = logOutput()
  return { level, hooks: { logMethod: explainListenError }, ...(stream && { stream }) }
}

/** fastify-cli logs only the error of a port in use; this adds what to do. */
function explainListenError(this: Logger, words: Parameters<LogFn>, log: LogFn): void {
  const [error]: unknown[] = words
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    log.call(
      this,
      `Port ${error.port} is in use. Stop the program that listens there, or choose another: PORT=3001 npm start`
    )
  } else {
    log.apply(this, words)
  }
}
