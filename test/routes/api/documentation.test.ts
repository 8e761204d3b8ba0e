import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { build, Visitor } from '../../build.ts'
import { routesOf } from '../../routes-of.ts'

t.test('the document is OpenAPI 3.1 and describes every request', async (t) => {
  const app = await build(t)
  const program = new Visitor(app, 'program')
  const document = (await program.get('/api/openapi.json')).json()
  t.equal(document.openapi, '3.1.0')
  const validated = await new Validator().validate(structuredClone(document))
  t.ok(validated.valid, JSON.stringify(validated.errors))

  type Said = {
    operationId: string
    summary: string
    tags: string[]
    responses: Record<string, { description: string }>
  }
  const operations = Object.values<Record<string, Said>>(document.paths).flatMap(Object.values<Said>)
  const routed = routesOf(app).filter(
    ({ method, url }) => method !== 'HEAD' && /^\/api\/(?!openapi)/.test(url)
  )
  t.ok(routed.length > 20)
  t.equal(operations.length, routed.length, 'each route under /api')
  t.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length)
  const tags = document.tags.map(({ name }: { name: string }) => name)
  for (const {
    operationId,
    summary,
    tags: [tag],
    responses
  } of operations) {
    t.ok(summary, operationId)
    t.ok(tags.includes(tag), operationId)
    t.ok(
      Object.keys(responses).some((status) => status.startsWith('2')),
      operationId
    )
    for (const { description } of Object.values(responses)) {
      t.match(description, /\w+/, operationId)
      // The default of a schema without a description.
      t.not(description, 'Default Response', operationId)
    }
  }
  t.notMatch(JSON.stringify(document), '/login', 'pages are not in it')
})

t.test('browsers get it as a page, programs as the document', async (t) => {
  const app = await build(t)
  const { body } = await new Visitor(app, 'browser').get('/api')
  for (const said of [
    'DELETE /api/sessions/{session}',
    'proofAgeSeconds',
    '{ sessions: [{ session, isThis, ',
    'openapi.json'
  ])
    t.ok(body.includes(said), said)
  const [index = '', details = ''] = body.split('id="showSession"')
  t.match(index, '<a href="#endSession"><code>DELETE /api/sessions/{session}</code></a>')
  t.match(index, 'End one session.', 'first a list of all, each in a line')
  for (const [, id = ''] of index.matchAll(/<dt><a href="#(\w+)">/g))
    t.ok(id === 'showSession' || details.includes(`id="${id}"`), id)
  t.equal(index.split('<dt>').length - 1, body.split('<h3').length - 1)
  t.notMatch(body, /undefined|\[object|`|<dd><\/dd>/)
  t.match(body, '<code>Retry-After</code> says')
  for (const once of ['When the user signed in.', 'A store does not answer'])
    t.equal(body.split(once).length, 2, `${once}: described once`)
  t.equal((await new Visitor(app, 'program').get('/api')).json().openapi, '3.1.0')
})
