import t from 'tap'
import { alice } from '../build.ts'
import { startService } from '../servers/service.ts'

const requests = 20

t.test('told to stop with 20 sign-ins running, it answers 20 and ends', async (t) => {
  const env = { DATABASE_URL: `file:${t.testdir()}/latchkey.db`, LOG_LEVEL: 'debug' }
  const service = await startService(t, { env })
  const post = (path: string) =>
    fetch(service.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alice)
    })
  await post('/register')
  const received = () => service.output().split('incoming request').length - 2

  const running = Array.from({ length: requests }, () => post('/login'))
  while (received() < requests) await new Promise((resolve) => setTimeout(resolve, 1))
  const stopped = service.stop('SIGTERM')

  const answers = await Promise.all(running)
  t.same(
    answers.map(({ status }) => status),
    Array(requests).fill(200)
  )
  await stopped
  await t.rejects(fetch(service.url), 'nobody listens any more')
})
