import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import t from 'tap'
import latchkey from '../../../src/app.ts'
import { templates } from '../../../src/mail/message.ts'
import { serverOptions } from '../../../src/server/server-options.ts'
import { readConfig } from '../../../src/settings/config.ts'

async function open(dev: boolean) {
  const config = readConfig({ DATABASE_URL: 'file::memory:', SITE_NAME: 'Ours', LOG_LEVEL: 'silent' })
  const app = Fastify(serverOptions(config))
  t.teardown(() => app.close())
  await app.register(latchkey, { config, dev })
  return app
}

t.test('npm run dev alone shows every mail in every language', async (t) => {
  const { body, headers } = await (await open(true)).inject('/mail')
  t.equal(headers['content-type'], 'text/plain; charset=utf-8')
  for (const template of templates)
    for (const tag of ['en', 'de']) t.match(body, `=== ${template} (${tag})\n\nSubject: `, template)
  t.match(body, 'Hallo alice,')
  t.match(body, 'http://localhost:3000/reset?token=xxx')
  t.notMatch(body, /undefined|\{\w+\}|<%/)
  t.equal((await (await open(false)).inject('/mail')).statusCode, 404)
  const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'))
  const developing = Object.entries(scripts).filter(([, script]) => String(script).includes('--dev'))
  t.same(
    developing.map(([name]) => name),
    ['dev']
  )
})
