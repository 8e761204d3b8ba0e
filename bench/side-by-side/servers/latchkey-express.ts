import session from '../../../src/express/index.ts'
import { serveExpress } from './express-apps.ts'
import { redisUrl, secret } from './serve.ts'

const settings = { REDIS_URL: redisUrl }
serveExpress(session({ secret, settings, resave: false, saveUninitialized: false }))
