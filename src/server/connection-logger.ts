import type { Server } from 'node:http'
import { outageOf } from '../errors/store-refusal.ts'
import type { ConnectionListener } from '../redis/connect.ts'

interface LoggingApp {
  readonly log: { info(message: string): void; error(message: string): void }
  readonly server: Pick<Server, 'listening'>
}

/** Logs one line when a server goes down and one when it is back, however many attempts fail in between. */
export function connectionLogger(
  name: string,
  { log, server }: LoggingApp,
  onBack = () => {}
): ConnectionListener {
  return {
    onLost: (error) => log.error(outageOf(name, error)),
    onBack: () => {
      log.info(`${name} is back.`)
      if (server.listening) onBack()
    }
  }
}
