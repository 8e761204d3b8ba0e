import t from 'tap'
import { build, registerAlice, secret } from '../build.ts'
import { startRedis } from '../servers/redis.ts'

for (const where of ['the embedded database', 'Redis']) {
  t.test(`over ${where}, whether it reads or writes`, async (t) => {
    const env = where === 'Redis' ? { REDIS_URL: (await startRedis(t)).url, SESSION_SECRET: secret } : {}
    let started = 0
    const signedOut = Promise.withResolvers<void>()
    const app = await build(t, {
      env,
      routes: (app) => {
        app.get('/slow', async ({ session }) => {
          started += 1
          await signedOut.promise
          return { user: session.user }
        })
        app.post('/slow', async ({ session }) => {
          started += 1
          Reflect.set(session, `key${started}`, true)
          await signedOut.promise
          return {}
        })
      }
    })
    const program = await registerAlice(app, 'program')
    const { ...cookies } = program.cookies

    const slow = Array.from({ length: 50 }, (_, index) =>
      index % 2 ? program.get('/slow') : program.post('/slow')
    )
    while (started < 50) await new Promise(setImmediate)
    await app.inject({ method: 'POST', url: '/logout', cookies })
    signedOut.resolve()
    await Promise.all(slow)

    program.cookies = cookies
    for (let index = 0; index < 50; index += 1) {
      t.equal((await program.get('/dashboard')).statusCode, 401)
      program.cookies = cookies
    }
  })
}
