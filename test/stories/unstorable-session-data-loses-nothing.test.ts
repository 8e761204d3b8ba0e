import t from 'tap'
import { build, registerAlice } from '../build.ts'

const circle: Record<string, unknown> = {}
circle.self = circle

const unkeepable: [what: string, value: unknown, why: string][] = [
  ['a bigint', { n: 1n }, 'JSON cannot represent it'],
  ['a circle', circle, 'JSON cannot represent it'],
  ['more than 64 KiB', 'x'.repeat(65 * 1024), 'and the limit is 65536']
]

for (const [what, value, why] of unkeepable) {
  t.test(`${what} is an error for the developer, and the stored session is unchanged`, async (t) => {
    let reported = ''
    const app = await build(t, {
      routes: (app) => {
        app.post('/cart', async ({ session }) => {
          Reflect.set(session, 'cart', 'kept')
          return {}
        })
        app.post('/fill', async ({ session }) => {
          Reflect.set(session, 'cart', value)
          return {}
        })
        app.get('/cart', async ({ session }) => ({ cart: Reflect.get(session, 'cart') }))
        app.addHook('onError', async (_request, _reply, error) => {
          reported = error.message
        })
      }
    })
    const program = await registerAlice(app, 'program')
    await program.post('/cart')

    const response = await program.post('/fill')

    t.match(response.json(), { status: 500, code: 'LATCHKEY_SESSION_DATA' })
    t.same(response.cookies, [])
    t.match(reported, why)
    t.same((await program.get('/cart')).json(), { cart: 'kept' })
    t.equal((await program.get('/dashboard')).statusCode, 200)
  })
}
