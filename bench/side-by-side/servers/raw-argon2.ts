import { createServer } from 'node:http'
import argon2 from 'argon2'
import { readConfig } from '../../../src/settings/config.ts'
import { serve } from './serve.ts'

// Only argon2, with the service's cost and concurrency, for so many seconds: GET /4
const { passwordHash, maxConcurrentHashes } = readConfig(process.env)
const { memoryKiB: memoryCost, passes: timeCost, lanes: parallelism } = passwordHash
const password = 'correct horse battery'
const hash = await argon2.hash(password, { type: argon2.argon2id, memoryCost, timeCost, parallelism })

const server = createServer(async ({ url = '' }, response) => {
  const startedAt = performance.now()
  const seconds = () => (performance.now() - startedAt) / 1000
  let verified = 0
  const verifying = Array.from({ length: maxConcurrentHashes }, async () => {
    while (seconds() < Number(url.slice(1))) if (await argon2.verify(hash, password)) verified += 1
  })
  await Promise.all(verifying)
  response.end(JSON.stringify({ perSecond: verified / seconds() }))
}).listen(0, '127.0.0.1', () => serve(server))
