// group: attackers
import t from 'tap'
import { alice, build, registerAlice, Visitor } from '../build.ts'

const people = 300
/** More than can run and wait, on any number of cores. */
const mostHashed = 256 + 8

t.test('under a flood of sign-ins some are asked to come back, and everybody else is served', async (t) => {
  const app = await build(t, { env: { PASSWORD_HASH: 'm=12288,t=3,p=1' } })
  const browser = await registerAlice(app)
  let answered = 0
  const flood = Array.from({ length: people }, async (_, number) => {
    const response = await app.inject({
      method: 'POST',
      url: '/login',
      remoteAddress: `10.0.${number >> 8}.${number & 255}`,
      payload: { username: `person ${number}`, password: alice.password }
    })
    answered += 1
    return response
  })

  t.equal((await browser.get('/dashboard')).statusCode, 200)
  t.equal((await browser.get('/health/ready')).statusCode, 200)
  t.equal((await new Visitor(app, 'browser').get('/login')).statusCode, 200)
  t.ok(answered < people, 'during the flood')

  const answers = await Promise.all(flood)
  const refused = answers.filter(({ statusCode }) => statusCode === 503)
  t.ok(refused.length >= people - mostHashed)
  for (const { headers, json } of refused) {
    t.equal(headers['retry-after'], '5')
    t.match(json(), { code: 'LATCHKEY_BUSY', detail: /Try again in a few seconds/ })
  }
  const checked = answers.filter(({ statusCode }) => statusCode === 401)
  t.equal(checked.length + refused.length, people, 'there is no other response')
})
