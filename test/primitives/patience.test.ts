import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import t, { type Test } from 'tap'
import { startPatience, withPatience } from '../../src/primitives/patience.ts'
import { blockEventLoop, blockEventLoopUntil } from '../block-event-loop.ts'

const tooLate = () => new Error('too late')

t.test('waiting ends after the given time', async (t) => {
  await t.rejects(withPatience(5, new Promise(() => {}), tooLate), { message: 'too late' })
})

t.test('results and errors in time are passed on', async (t) => {
  t.equal(await withPatience(60_000, Promise.resolve('answer'), tooLate), 'answer')
  await t.rejects(withPatience(60_000, Promise.reject(new Error('refused')), tooLate), { message: 'refused' })
})

t.test('a stopped timer never runs out, even just before its end', async (t) => {
  let ranOut = 0
  const stop = startPatience(5, () => ranOut++)
  // Both timers expire in the same turn.
  blockEventLoop(50)
  await new Promise<void>((done) => {
    startPatience(5, done)
    stop()
  })
  t.equal(ranOut, 0)
})

t.test('after a long stall the process reads the response before it gives up', async (t) => {
  const { port, answered } = await startAnswering(t)
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  for (let round = 0; round < 5; round++) {
    answered[0] = 0
    socket.write('?')
    const answer = withPatience(50, once(socket, 'data'), tooLate)
    await turn()
    blockEventLoop(300)
    blockEventLoopUntil(answered)
    t.equal(String((await answer)[0]), '!')
  }
})

t.test('a process that gets little CPU time reads the response before it gives up', async (t) => {
  const { port, answered } = await startAnswering(t, 3)
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  let isAnswered = false
  socket.write('?')
  const answer = withPatience(50, once(socket, 'data'), tooLate).finally(() => {
    isAnswered = true
  })
  while (!isAnswered) {
    blockEventLoop(60)
    blockEventLoopUntil(answered)
    await turn()
  }
  t.equal(String((await answer)[0]), '!')
})

t.test('a handshake has its time while answers come, four times the timeout at most', async (t) => {
  const { port, answered } = await startAnswering(t)
  /** Asks one question after the other while each turn of the event loop takes 15 ms, and until there is an answer. */
  const ask = async (questions: number, withSigns: boolean) => {
    const socket = connect(port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    await once(socket, 'connect')
    const handshake = async () => {
      for (let asked = 0; asked < questions; asked++) {
        answered[0] = 0
        socket.write('?')
        await once(socket, 'data')
      }
      return 'done'
    }
    let isOver = false
    const end = () => {
      isOver = true
    }
    const answer = withPatience(50, handshake(), tooLate, withSigns ? () => socket.bytesRead : undefined)
    answer.then(end, end)
    while (!isOver) {
      blockEventLoop(15)
      blockEventLoopUntil(answered)
      await turn()
    }
    return answer
  }
  t.equal(await ask(10, true), 'done')
  await t.rejects(ask(10, false), { message: 'too late' })
  await t.rejects(ask(60, true), { message: 'too late' })
})

/**
 * Answers `!` to every `?`, on a thread that runs on while this one is blocked. The cell contains something else
 * than 0 when it has, so that no test depends on when that thread gets CPU time.
 */
async function startAnswering(t: Test, afterMilliseconds = 0) {
  const answered = new Int32Array(new SharedArrayBuffer(4))
  const serve = (connection: Socket) => {
    const hasAnswered = () => {
      workerData[0] = 1
      Atomics.notify(workerData, 0)
    }
    const answer = () => connection.write('!', hasAnswered)
    connection.on('data', () => setTimeout(answer, delay)).on('error', () => {})
  }
  const source = `
    const { createServer } = require('node:net')
    const { parentPort, workerData } = require('node:worker_threads')
    const delay = ${afterMilliseconds}
    const server = createServer(${serve}).listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
  `
  const worker = new Worker(source, { eval: true, workerData: answered })
  t.teardown(() => worker.terminate())
  const [port] = await once(worker, 'message')
  return { port, answered }
}

/** In the thread's source. */
declare const delay: number
declare const workerData: Int32Array<SharedArrayBuffer>
