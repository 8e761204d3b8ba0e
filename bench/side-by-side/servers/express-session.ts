import { RedisStore } from 'connect-redis'
import session from 'express-session'
import { createClient } from 'redis'
import { serveExpress } from './express-apps.ts'
import { redisUrl, secret } from './serve.ts'

// As documented; with PEER_STORE=redis sessions are in Redis.
const options = { secret, resave: false, saveUninitialized: false }
if (process.env.PEER_STORE === 'redis') {
  const client = createClient({ url: redisUrl })
  await client.connect()
  serveExpress(session({ ...options, store: new RedisStore({ client, prefix: 'express:' }) }))
} else {
  serveExpress(session(options))
}
