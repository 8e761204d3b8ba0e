import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'

/** Traefik is not in Debian: this checks the values that Traefik would read from the example. */
const example = await readFile(join(import.meta.dirname, '../../examples/gate/traefik.yaml'), 'utf8')
const { routers, middlewares, services } = parse(example).http

t.test('every name in the Traefik example is defined in it', async (t) => {
  t.same(Object.keys(services), ['latchkey', 'app'])
  for (const { service, middlewares: used = [] } of Object.values<Router>(routers)) {
    t.hasProp(services, service)
    for (const name of used) t.hasProp(middlewares, name)
  }
})

t.test('behind Traefik a client’s own identity headers are removed before the gate sets them', async (t) => {
  t.same(routers.app.middlewares, ['no-forged-names', 'no-upgrade', 'latchkey-gate'])
  t.same(routers['app-websocket'].middlewares, ['no-forged-names', 'only-upgrade', 'latchkey-gate'])
  // In Traefik an empty value removes a header.
  const spellings = ['_', '-'].flatMap((one) =>
    ['_', '-'].flatMap((two) => ['_', '-'].map((three) => `X${one}Auth${two}Session${three}Age`))
  )
  const ofTwo = (last: string) =>
    ['_', '-'].flatMap((one) => ['_', '-'].map((two) => `X${one}Auth${two}${last}`))
  t.same(
    middlewares['no-forged-names'].headers.customRequestHeaders,
    Object.fromEntries(
      [
        'Remote-User',
        'Remote_User',
        'Remote-Groups',
        'Remote_Groups',
        ...ofTwo('Id'),
        ...ofTwo('Factors'),
        ...spellings
      ].map((name) => [name, ''])
    )
  )
  t.match(middlewares['latchkey-gate'].forwardAuth, {
    address: `${services.latchkey.loadBalancer.servers[0].url}/gate`,
    authResponseHeaders: [
      'X-Auth-Id',
      'Remote-User',
      'Remote-Groups',
      'X-Auth-Session-Age',
      'X-Auth-Factors'
    ],
    trustForwardHeader: false
  })
})

t.test('behind Traefik no client chooses which headers are left out on the way', async (t) => {
  const headersOf = (name: string) => middlewares[name].headers.customRequestHeaders
  t.same(headersOf('no-upgrade'), { Connection: '', Upgrade: '' })
  t.same(headersOf('only-upgrade'), { Connection: 'Upgrade' })
  t.equal(
    routers['app-websocket'].rule,
    `${routers.app.rule} && HeaderRegexp(\`Upgrade\`, \`(?i)^websocket$\`)`
  )
})

interface Router {
  readonly service: string
  readonly middlewares?: readonly string[]
}
