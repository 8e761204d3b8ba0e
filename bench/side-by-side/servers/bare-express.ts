import type { RequestHandler } from 'express'
import { serveExpress } from './express-apps.ts'

// The cost of Express itself: everybody is signed in, and nothing is read, verified or saved.
const everybody = { user: 'everybody' }
const noSession: RequestHandler = (request, _response, next) => {
  Reflect.set(request, 'session', everybody)
  next()
}
serveExpress(noSession)
