import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import { makeCertificate } from './proxies.ts'

/** An https proxy in front of an http server. @returns its address */
export async function startTlsProxy(t: Test, target: string): Promise<string> {
  const folder = t.testdir({})
  makeCertificate(folder)
  const read = (file: string) => readFileSync(join(folder, file))
  const options = { key: read('privkey.pem'), cert: read('fullchain.pem') }
  const proxy = createServer(options, (req, res) => {
    const { method = 'GET', headers, url = '/' } = req
    const forwarded = { ...headers, 'x-forwarded-proto': 'https' }
    const onward = request(target + url, { method, headers: forwarded }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(res)
    })
    req.pipe(onward)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  return `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`
}
