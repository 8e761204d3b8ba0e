import type { RequestHandler } from 'express'
import { serveExpress } from './express-apps.ts'

// What Express itself costs: everybody is signed in, and nothing is read, checked or saved for it.
const everybody = { user: 'everybody' }
const noSession: RequestHandler = (request, _response, next) => {
  Reflect.set(request, 'session', everybody)
  next()
}
serveExpress(noSession)
