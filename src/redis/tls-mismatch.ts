import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { StoreRefusal } from '../errors/store-refusal.ts'
import { withPatience } from '../primitives/patience.ts'

/**
 * Whether a Redis that did not answer speaks TLS and `redis://` was written, or the other way round: it says
 * nothing of that, but closes the connection, or waits for more.
 * @param patience in milliseconds
 */
export async function tlsMismatch(url: string, patience: number): Promise<StoreRefusal | undefined> {
  const { protocol, hostname, port } = new URL(url)
  const at = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) }
  const isPlain = protocol === 'redis:'
  const socket = isPlain ? connectTls({ ...at, rejectUnauthorized: false }) : connect(at)
  try {
    const answering: Promise<unknown> = isPlain ? once(socket, 'secureConnect') : answerToPing(socket)
    await withPatience(patience, answering, () => new Error('no answer'))
    return new StoreRefusal(isPlain ? 'it speaks TLS: write rediss://' : 'it speaks no TLS: write redis://')
  } catch {
    return undefined
  } finally {
    socket.destroy()
  }
}

/** Before somebody has signed in, Redis answers with an error. */
async function answerToPing(socket: ReturnType<typeof connect>): Promise<void> {
  await once(socket, 'connect')
  socket.write('PING\r\n')
  const [answer] = await once(socket, 'data')
  if (!/^[+-]/.test(String(answer))) throw new Error('not Redis')
}
