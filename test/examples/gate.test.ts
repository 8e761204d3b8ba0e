import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parse, parseAllDocuments } from 'yaml'

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
        'Remote-Email',
        'Remote_Email',
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
      'Remote-Email',
      'X-Auth-Session-Age',
      'X-Auth-Factors',
      // Without a token for programs.
      'Authorization'
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

const told = [
  'X-Auth-Id',
  'Remote-User',
  'Remote-Groups',
  'Remote-Email',
  'X-Auth-Session-Age',
  'X-Auth-Factors'
]
const read = (file: string) => readFile(join(import.meta.dirname, '../../examples/gate', file), 'utf8')

/** Envoy is not in Debian: this checks what the gate needs of its example. */
t.test(
  'behind Envoy a client’s own headers are removed before the gate is asked, and only its yes opens',
  async (t) => {
    const { listeners, clusters } = parse(await read('envoy.yaml')).static_resources
    const manager = listeners[0].filter_chains[0].filters[0].typed_config
    const filters: { name: string; typed_config: Record<string, never> }[] = manager.http_filters
    t.same(
      filters.map(({ name }) => name.split('.').at(-1)),
      ['header_mutation', 'ext_authz', 'router']
    )
    const { mutations, failure_mode_allow, http_service } = Object.assign(
      {},
      ...filters.map((each) => each.typed_config)
    )
    const removed: string[] = mutations.request_mutations.map(({ remove }: { remove: string }) => remove)
    for (const name of [...told, 'X-Original-URL', 'X-Forwarded-Uri', 'X-Forwarded-Method'])
      t.ok(removed.includes(name.toLowerCase()), name)
    t.equal(manager.common_http_protocol_options.headers_with_underscores_action, 'DROP_HEADER')
    t.equal(manager.normalize_path, false)
    t.equal(failure_mode_allow, false)
    t.equal(http_service.path_prefix, '/gate/envoy')
    const exact = ({ patterns }: { patterns: { exact: string }[] }) =>
      patterns.map((pattern) => pattern.exact)
    t.same(
      exact(http_service.authorization_response.allowed_upstream_headers),
      told.map((name) => name.toLowerCase())
    )
    t.ok(exact(http_service.authorization_request.allowed_headers).includes('x-forwarded-for'))
    const names = clusters.map(({ name }: { name: string }) => name)
    t.same(names, ['latchkey', 'app'])
    t.ok(names.includes(http_service.server_uri.cluster))
    const [latchkey] = manager.route_config.virtual_hosts
    t.match(latchkey, {
      domains: ['login.example.org'],
      typed_per_filter_config: { 'envoy.filters.http.ext_authz': { disabled: true } }
    })
  }
)

t.test('behind ingress-nginx the gate gets the host that decides', async (t) => {
  const [headers, ingress] = parseAllDocuments(await read('ingress-nginx.yaml')).map((document) =>
    document.toJS()
  )
  t.match(headers.data, {
    'X-Forwarded-Host': '$host',
    'X-Forwarded-Uri': '$request_uri',
    'X-Forwarded-Method': '$request_method'
  })
  const { annotations } = ingress.metadata
  const own = (name: string) => annotations[`nginx.ingress.kubernetes.io/${name}`]
  t.equal(own('auth-proxy-set-headers'), `${headers.metadata.namespace}/${headers.metadata.name}`)
  t.equal(own('auth-response-headers'), [...told, 'Authorization'].join(','), 'without a token')
  t.match(own('auth-url'), /\/gate$/)
  t.equal(own('auth-signin-redirect-param'), 'next')
})
