import t from 'tap'
import { listenOptions } from '../../src/start/listen-options.ts'

t.test('what is empty or contains only spaces is not set', async (t) => {
  for (const PORT of [undefined, '', ' ']) t.equal(listenOptions({ PORT }).port, 3000)
  t.equal(listenOptions({ PORT: ' 8080 ' }).port, 8080)
  t.equal(listenOptions({ PORT: '0' }).port, 0)
  for (const FASTIFY_ADDRESS of ['', ' '])
    t.equal(listenOptions({ FASTIFY_ADDRESS, KUBERNETES_SERVICE_HOST: '10.0.0.1' }).host, '0.0.0.0')
  t.equal(listenOptions({ FASTIFY_ADDRESS: ' ::1 ', KUBERNETES_SERVICE_HOST: '10.0.0.1' }).host, '::1')
})
