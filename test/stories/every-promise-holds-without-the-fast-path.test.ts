// group: alone
// First of all:
import '../express/without-fast-path.ts'
import t from 'tap'
import { readTest, testFiles } from '../groups.ts'

const { open } = await import('../express/web.ts')

t.test('express-session runs for every request', async (t) => {
  const { browser, store } = await open(t, { settings: { DATABASE_URL: 'file::memory:' } }, (req, res) => {
    if (req.path === '/enter') Object.assign(req.session, { user: 'alice' })
    res.send(Reflect.get(req.session, 'user'))
  })
  await browser.get('/enter')
  const asked: string[] = []
  const get = store.get.bind(store)
  store.get = (id, done) => {
    asked.push(id)
    get(id, done)
  }
  for (const _ of ['from the store', 'from the process']) t.equal((await browser.get('/')).body, 'alice')
  t.equal(asked.length, 2)
})

/** Tests of the fast path itself, and of the cost of a read with it. */
const ofSpeed =
  /^express\/fast-path\/|^stories\/(a-signed-in-read-needs-no-storage|every-promise-holds-without)/
const promises = testFiles().filter(
  (file) =>
    !ofSpeed.test(file) &&
    (/^(express\/|plugins\/express)/.test(file) || /'.*\/express\/web\.ts'/.test(readTest(file)))
)
t.ok(promises.length > 12, promises.join(', '))
for (const file of promises) await import(`../${file}`)
