import t from 'tap'
import { message, type TextKey } from '../../../src/i18n/texts.ts'
import { build, registerAlice } from '../../build.ts'

const open = (t: Parameters<typeof build>[0]) =>
  build(t, {
    routes: (app) => {
      app.post('/done', async (_request, reply) => {
        reply.flash(message('account.endOthers.done', { count: 3 }))
        return reply.redirect('/dashboard', 303)
      })
      app.post('/renamed', async (_request, reply) => {
        reply.flash({ key: 'was.there.once' as TextKey, params: {} })
        return reply.redirect('/dashboard', 303)
      })
    }
  })

t.test('the next page shows the message once, in the reader’s language', async (t) => {
  const browser = await registerAlice(await open(t))
  await browser.submit('/done')
  const german = await browser.get('/dashboard', { headers: { 'accept-language': 'de' } })
  t.match(german.body, '<p class="notice" role="status">3 andere Sitzungen wurden beendet.</p>')
  t.notMatch((await browser.get('/dashboard')).body, 'class="notice"')
})

t.test('a program’s request in between does not consume the message', async (t) => {
  const browser = await registerAlice(await open(t))
  await browser.submit('/done')
  await browser.get('/dashboard', { headers: { accept: 'application/json' } })
  t.match((await browser.get('/dashboard')).body, '3 other sessions have been ended.')
})

t.test('a message whose text no longer exists after an update is left out', async (t) => {
  const browser = await registerAlice(await open(t))
  await browser.submit('/renamed')
  const { statusCode, body } = await browser.get('/dashboard')
  t.equal(statusCode, 200)
  t.notMatch(body, 'class="notice"')
})
