import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import express, { type ErrorRequestHandler } from 'express'
import { requireUser, session, signIn, signOut } from '../../src/express/index.ts'

// An Express app beside the service on the same stores. Whom it signs in it knows by name alone; sessions of the
// service it takes as they are.
const { NEMESIS_OPTIONS = '{}' } = process.env
const { secret, ...settings }: Record<string, string> = JSON.parse(NEMESIS_OPTIONS)

const app = express()
app.use(express.json())
app.use(
  session({
    ...{ name: 'latchkey', secret: secret ?? '', resave: false, saveUninitialized: false },
    settings
  })
)

app.post('/enter', async (req, res) => {
  const { name } = req.body
  await signIn(req, name)
  res.json({ name })
})

app.get('/who', requireUser(), (req, res) => {
  res.json({ name: nameIn(req) })
})

app.post('/regenerate', requireUser(), async (req, res) => {
  const { before, after } = req.query
  const name = nameIn(req)
  await sleep(Number(before ?? 0))
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  req.session.regenerate((error) => (error ? reject(error) : resolve()))
  await promise
  Reflect.set(req.session, 'user', name)
  await sleep(Number(after ?? 0))
  res.json({ name })
})

app.post('/save', requireUser(), async (req, res) => {
  const { before, after } = req.query
  await sleep(Number(before ?? 0))
  Reflect.set(req.session, 'saved', Date.now())
  await sleep(Number(after ?? 0))
  res.json({ name: nameIn(req) })
})

app.delete('/api/session', async (req, res) => {
  await signOut(req)
  res.status(204).end()
})

const answered: ErrorRequestHandler = (error, _req, res, _next) => {
  const { status = 500, statusCode = status, code, message } = error
  res.status(statusCode).json({ code: code ?? message })
}
app.use(answered)

const server = app.listen(0, '127.0.0.1')
// Longer than clients pause between two requests.
server.keepAliveTimeout = 70_000
await once(server, 'listening')
console.log(`Latchkey is ready at http://127.0.0.1:${(server.address() as AddressInfo).port}`)

function nameIn(req: object): unknown {
  return Reflect.get(Object(Reflect.get(req, 'session')), 'user')
}
