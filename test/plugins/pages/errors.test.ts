import t from 'tap'
import { StorageError } from '../../../src/errors/errors.ts'
import { build, Visitor } from '../../build.ts'

t.test('an unknown address is a page for browsers and problem+json for programs', async (t) => {
  const app = await build(t)
  const page = await new Visitor(app, 'browser').get('/nothing')
  t.equal(page.statusCode, 404)
  t.match(page.body, '<h1>There is nothing here</h1>')
  const problem = await new Visitor(app, 'program').get('/nothing')
  t.same(problem.json(), {
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: 'There is nothing at this address.',
    code: 'LATCHKEY_NOT_FOUND'
  })
})

for (const status of [400, 401, 403, 429]) {
  t.test(`an error with status ${status} is a page that says what was wrong`, async (t) => {
    const fail = async () => {
      throw Object.assign(new Error('The reason, in words.'), { statusCode: status, code: 'SOME_CODE' })
    }
    const app = await build(t, { routes: (app) => app.get('/fail', fail) })
    const page = await new Visitor(app, 'browser').get('/fail')
    t.equal(page.statusCode, status)
    t.match(page.body, 'The reason, in words.')
    t.match((await new Visitor(app, 'program').get('/fail')).json(), { status, code: 'SOME_CODE' })
  })
}

t.test('an internal error reveals no details', async (t) => {
  const fail = async () => {
    throw new Error('secret detail')
  }
  const app = await build(t, { routes: (app) => app.get('/fail', fail) })
  const page = await new Visitor(app, 'browser').get('/fail')
  t.equal(page.statusCode, 500)
  t.notMatch(page.body, 'secret detail')
  const problem = await new Visitor(app, 'program').get('/fail')
  t.match(problem.json(), { status: 500, code: 'LATCHKEY_INTERNAL' })
  t.notMatch(problem.body, 'secret detail')
})

t.test('unavailable storage is a 503 with Retry-After', async (t) => {
  const fail = async () => {
    throw new StorageError('Redis', new Error('away'))
  }
  const app = await build(t, { routes: (app) => app.get('/fail', fail) })
  const page = await new Visitor(app, 'browser').get('/fail')
  t.equal(page.statusCode, 503)
  t.equal(page.headers['retry-after'], '5')
  t.match(page.body, 'try again in a moment')
})

t.test('no error may be cached', async (t) => {
  const app = await build(t)
  t.equal((await new Visitor(app, 'browser').get('/nothing')).headers['cache-control'], 'no-store')
  t.equal((await new Visitor(app, 'browser').get('/%zz')).headers['cache-control'], 'no-store')
})
