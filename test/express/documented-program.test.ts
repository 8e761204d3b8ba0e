import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startTlsProxy } from '../servers/tls-proxy.ts'
import { makeProject, runProjects } from './project.ts'
import { Browser } from './web.ts'

const program = readFileSync(join(import.meta.dirname, '../../examples/express/app.js'), 'utf8')
const alice = { username: 'alice', password: 'alices-password' }

/** The documented program after these replacements, each of which has to match. */
function documented(express: string, changes: Record<string, string> = {}): string {
  let changed = program
  for (const [from, to] of Object.entries(changes)) {
    if (!changed.includes(from)) throw new Error(`It does not say ${from}`)
    changed = changed.replace(from, to)
  }
  const packages = { express, 'express-session': 'express-session' }
  return makeProject(t, { packages, program: changed })
}

const secure = { 'secure: false': 'secure: true' }
const trust = "const app = express()\napp.set('trust proxy', 1)\n"
const [on5 = '', on4 = '', everyone = '', plain = '', trusting = ''] = await runProjects(t, [
  documented('express'),
  documented('express4'),
  documented('express', { 'saveUninitialized: false': 'saveUninitialized: true' }),
  documented('express', secure),
  documented('express', { ...secure, 'const app = express()\n': trust })
])
// Nothing of Latchkey is in its process.
const [own = ''] = await runProjects(t, [
  documented('express', { "'latchkey/express'": "'express-session'" })
])

for (const [express, url] of Object.entries({ express: on5, express4: on4 })) {
  t.test(`the documented program on ${express}`, async (t) => {
    const browser = new Browser(url)
    t.match((await browser.get('/login')).body, /<form/)
    t.match(await redirect(browser.get('/dashboard')), '/login')
    t.equal((await browser.submit('/login', { ...alice, password: 'wrong' })).status, 401)
    t.same([...browser.jar], [], 'nobody has a cookie yet')
    t.equal(await redirect(browser.submit('/login', alice)), '/dashboard')
    t.match((await browser.get('/dashboard')).body, 'Welcome, alice!')
    const stolen = browser.copy()
    t.equal(await redirect(browser.get('/logout')), '/login')
    for (const each of [browser, stolen]) t.equal(await redirect(each.get('/dashboard')), '/login')
  })
}

t.test('gives the same responses as with express-session itself', async (t) => {
  const story = async (url: string) => {
    const browser = new Browser(url)
    const answers = [
      await browser.get('/dashboard'),
      await browser.submit('/login', alice),
      await browser.get('/dashboard'),
      await browser.get('/logout'),
      await browser.get('/dashboard')
    ]
    return answers.map(({ status, body, headers, cookies }) => ({
      status,
      body,
      headers: [...headers].filter(([name]) => name !== 'date').sort(),
      cookies: cookies.map((cookie) => cookie.replace(/=s%3A[^;]+/, ''))
    }))
  }
  t.same(await story(on5), await story(own))
})

t.test('with saveUninitialized: true every visitor has a session', async (t) => {
  const browser = new Browser(everyone)
  t.equal((await browser.get('/login')).cookies.length, 1)
  t.same((await browser.get('/login')).cookies, [], 'one for all visits')
  await browser.submit('/login', alice)
  t.match((await browser.get('/dashboard')).body, 'Welcome, alice!')
  await browser.get('/logout')
  t.equal(await redirect(browser.get('/dashboard')), '/login')
})

t.test('with cookie.secure: true', async (t) => {
  t.test('without https nobody gets a cookie', async (t) => {
    const browser = new Browser(plain)
    t.same((await browser.submit('/login', alice)).cookies, [])
    t.equal(await redirect(browser.get('/dashboard')), '/login')
  })

  t.test('through an untrusted https proxy nobody gets a cookie either', async (t) => {
    const browser = new Browser(await startTlsProxy(t, plain))
    t.same((await browser.submit('/login', alice)).cookies, [])
  })

  t.test('through a trusted proxy everything works, with a Secure cookie', async (t) => {
    const browser = new Browser(await startTlsProxy(t, trusting))
    t.match((await browser.submit('/login', alice)).cookies, [/; HttpOnly; Secure$/])
    t.match((await browser.get('/dashboard')).body, 'Welcome, alice!')
    await browser.get('/logout')
    t.equal(await redirect(browser.get('/dashboard')), '/login')
  })
})

async function redirect(answer: ReturnType<Browser['get']>): Promise<string | null> {
  const { status, headers } = await answer
  return status === 302 ? headers.get('location') : `answered ${status}`
}
