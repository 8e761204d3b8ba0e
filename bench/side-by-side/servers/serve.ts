import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The page for signed-in users, identical on every server. */
export const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Dashboard</title></head>
<body><h1>Hello</h1><p>You are signed in. Only people who are signed in can see this page.</p></body></html>
`

/** The page for others, at /login. */
export const form = page.replace('You are signed in.', 'Sign in first.')

/** Reports its address to the benchmark, and its CPU time when asked. */
export function serve(server: Server): void {
  const { port } = server.address() as AddressInfo
  process.on('message', () => process.send?.({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() }))
  process.once('disconnect', () => process.exit())
  process.send?.({ url: `http://127.0.0.1:${port}` })
}

export const secret = 'a secret of the benchmark of 32 characters or more'
export const redisUrl = process.env.REDIS_URL ?? ''
