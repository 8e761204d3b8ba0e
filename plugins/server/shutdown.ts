import type { Socket } from 'node:net'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import fp from 'fastify-plugin'

const checkEveryMilliseconds = 50
/** A proxy that keeps connections uses most of them in this time, and learns from the answer that it was the last. */
const lastUseMilliseconds = 100
const pauseMilliseconds = 5
/** Somebody who connects again and again must not hold up the stop for more than a second. */
const maxLooks = 200
/** Browsers open connections that they may need later, and send nothing on them. */
const silentMilliseconds = 1000

/**
 * When told to stop, the server answers every request that has reached it, and each answer says that it is the last one
 * on its connection. It closes a connection after that, without waiting for the browser.
 */
export default fp(
  async (app) => {
    const open = new Set<Socket>()
    let hasArrived = false
    app.server.on('connection', (socket) => {
      hasArrived = true
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    })

    app.addHook('preClose', async () => {
      if (!app.server.listening) return
      if (open.size > 0) await sleep(lastUseMilliseconds)
      await acceptEverybody()
      const closing = setInterval(() => app.server.closeIdleConnections(), checkEveryMilliseconds)
      const closingSilent = setTimeout(closeSilentConnections, silentMilliseconds)
      app.server.once('close', () => {
        clearInterval(closing)
        clearTimeout(closingSilent)
      })
    })

    /**
     * Connections that wait to be accepted would be reset, and a proxy sends no POST twice. Node accepts one in each
     * turn of the event loop, so nobody waits after a turn in which nobody came. Just after a pause the process is
     * least likely to be interrupted between that turn and the end of listening.
     */
    async function acceptEverybody(): Promise<void> {
      hasArrived = true
      for (let look = 0; hasArrived && look < maxLooks; look += 1) {
        await sleep(pauseMilliseconds)
        hasArrived = false
        await setImmediate()
      }
    }

    function closeSilentConnections(): void {
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
    }
  },
  { name: 'latchkey-shutdown' }
)
