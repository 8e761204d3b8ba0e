import express, { type RequestHandler } from 'express'
import { form, page, serve } from './serve.ts'

/** The same app for all libraries with express-session's API. */
export function serveExpress(session: RequestHandler): void {
  const app = express()
  // Both have nothing to do with sessions.
  app.disable('x-powered-by').disable('etag')
  app.use(session)
  app.get('/fixed', (request, response) => {
    if (Reflect.get(request.session, 'user')) response.type('html').send(page)
    else response.sendStatus(401)
  })
  app.get('/login', (_request, response) => {
    response.type('html').send(form)
  })
  app.get('/count', ({ session }, response) => {
    const views = Number(Reflect.get(session, 'views') ?? 0) + 1
    Reflect.set(session, 'views', views)
    response.json({ views })
  })
  app.post('/enter/:name', ({ session, params }, response) => {
    Reflect.set(session, 'user', params.name)
    response.json({})
  })
  const server = app.listen(0, '127.0.0.1', () => serve(server))
}
