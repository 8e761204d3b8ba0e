// group: browser
import { readFileSync } from 'node:fs'
import t from 'tap'
import { alice, build, log } from '../build.ts'
import { send } from '../every-page.ts'
import { startChromium, stopClock } from '../servers/chromium.ts'
import { eventually } from '../servers/eventually.ts'
import { requestThrough } from '../servers/https-request.ts'
import { startNginxFrom } from '../servers/proxies.ts'

const host = 'example.org'
const url = `https://${host}/auth`
const deploying = readFileSync(new URL('../../docs/deploying.md', import.meta.url), 'utf8')
const [, documented = ''] = /### Under a path.*?```nginx\n(.*?)```/s.exec(deploying) ?? []
const certificate = `ssl_certificate /etc/ssl/${host}/fullchain.pem;\nssl_certificate_key /etc/ssl/${host}/privkey.pem;\n`

t.test('under /auth/ behind nginx, in Chromium', async (t) => {
  const env = { PUBLIC_URL: url, TRUST_PROXY: '127.0.0.1', REGISTRATION: 'open' }
  const service = await build(t, { env })
  const latchkey = Number(new URL(await service.listen({ port: 0, host: '127.0.0.1' })).port)
  await eventually('the log has its address', () => log.lines.join('').includes(` ${url}"`))
  const nginx = await startNginxFrom(t, certificate + documented, { latchkey, app: latchkey })
  const chromium = await startChromium(t, `--host-resolver-rules=MAP ${host}:443 127.0.0.1:${nginx.port}`)
  const context = await chromium.newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()
  await stopClock(page)
  const strays: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(`${url}/`)) strays.push(request.url())
  })
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('status of 401')) strays.push(message.text())
  })
  page.on('requestfailed', (request) => strays.push(`failed: ${request.url()}`))
  const sees = async (path: string) => {
    await page.waitForURL(({ href }) => href === url + path)
    await page.waitForLoadState('load')
    t.equal(await page.evaluate('getComputedStyle(document.body).margin'), '0px', `${path} has its style`)
  }
  const fill = async (password: string) => {
    await page.getByLabel(/^Name/).fill(alice.username)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await send(page)
  }

  t.test('somebody registers, and comes back to the page and the part of it that they wanted', async (t) => {
    await page.goto(`${url}/account/sessions#newest`)
    await page.getByRole('link', { name: 'Create' }).click()
    await page.waitForURL(/register/)
    await fill(alice.password)
    await sees('/account/sessions#newest')
    const cookies = await context.cookies(`${url}/`)
    t.same(
      cookies.map(({ name, path, secure }) => ({ name, path, secure })),
      [
        { name: '__Secure-latchkey', path: '/auth', secure: true },
        { name: '__Secure-latchkey-browser', path: '/auth', secure: true }
      ]
    )
    t.same(await context.cookies(`https://${host}/`), [], 'its neighbours on the host get none')
  })

  t.test('links, forms and the script stay there', async (t) => {
    await page.getByRole('link', { name: 'Back to your account' }).click()
    await sees('/account')
    await page.getByRole('link', { name: 'Change your password' }).click()
    await sees('/account/password')
    await page.clock.runFor(28.5 * 60_000)
    await page.getByRole('button', { name: 'Stay signed in' }).click()
    await page.getByRole('complementary').waitFor({ state: 'hidden' })
    await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click()
    await sees('/login?signedOut')
    t.match(await context.cookies(`${url}/`), [{ name: '__Secure-latchkey-browser' }])
  })

  t.test('after a wrong password too the part of the page is kept', async (t) => {
    await page.goto(`${url}/account#end`)
    t.equal(page.url(), `${url}/login?next=%2Fauth%2Faccount#end`)
    await fill('wrong')
    await page.getByRole('alert').waitFor()
    await fill(alice.password)
    await sees('/account#end')
  })

  t.test('nothing led out of the path, and nothing was blocked', async (t) => {
    t.same(strays, [])
  })

  t.test('password managers find the page from the root of the host', async (t) => {
    const answer = await requestThrough(nginx, { host, path: '/.well-known/change-password' })
    t.match(answer, { status: 303, headers: { location: `${url}/account/password` } })
  })
})

t.test('it is the same if nginx takes the path off', async (t) => {
  const service = await build(t, { env: { PUBLIC_URL: url, TRUST_PROXY: '127.0.0.1' } })
  const latchkey = Number(new URL(await service.listen({ port: 0, host: '127.0.0.1' })).port)
  const conf = documented.replace('proxy_pass http://127.0.0.1:3000;', 'proxy_pass http://127.0.0.1:3000/;')
  t.not(conf, documented)
  const nginx = await startNginxFrom(t, certificate + conf, { latchkey, app: latchkey })
  const headers = { accept: 'text/html' }
  const sent = await requestThrough(nginx, { host, path: '/auth/account', headers })
  t.match(sent, { status: 303, headers: { location: '/auth/login?next=%2Fauth%2Faccount' } })
  const page = await requestThrough(nginx, { host, path: '/auth/login', headers })
  t.match(page.body, '<form method="post" action="/auth/login">')
})
