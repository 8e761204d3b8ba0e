import t, { type Test } from 'tap'
import { alice, build, secret, Visitor } from '../build.ts'

const older = 'an older secret of at least 32 characters'

interface Place {
  readonly env: Record<string, string>
  readonly proto: string
  readonly name: string
  /** Sorted. */
  readonly attributes: string[]
}

const places: Record<string, Place> = {
  'on http://localhost': {
    env: {},
    proto: 'http',
    name: 'latchkey',
    attributes: ['HttpOnly', 'Path=/', 'SameSite=Lax']
  },
  'over https': {
    env: { PUBLIC_URL: 'https://login.example.org', TRUST_PROXY: 'loopback' },
    proto: 'https',
    name: '__Host-latchkey',
    attributes: ['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']
  },
  'for every host under a domain': {
    env: { PUBLIC_URL: 'https://login.example.org', TRUST_PROXY: 'loopback', COOKIE_DOMAIN: 'example.org' },
    proto: 'https',
    name: '__Secure-latchkey',
    attributes: ['Domain=example.org', 'HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']
  }
}

/** A service, and one that also knows the older secret. @returns a function for a new visitor with an account */
async function start(t: Test, { env, proto }: Place) {
  const database = { ...env, DATABASE_URL: `file:${t.testdir()}/latchkey.db` }
  const open = async (SESSION_SECRET: string) => build(t, { env: { ...database, SESSION_SECRET } })
  const before = await open(older)
  await before.latchkey.accounts.add(alice)
  const after = await open(`${secret},${older}`)
  const via = { headers: { 'x-forwarded-proto': proto } }
  return () => {
    const browser = new Visitor(before, 'browser')
    const signIn = (form = {}) => browser.submit('/login', { ...alice, ...form }, via)
    const afterRotation = () => {
      const rotated = new Visitor(after, 'browser')
      rotated.cookies = browser.cookies
      return rotated
    }
    return { browser, via, signIn, afterRotation }
  }
}

type Started = ReturnType<Awaited<ReturnType<typeof start>>>
type Sent = 'set for the visit' | 'set to persist' | 'cleared' | 'not sent'

const moments: Record<string, { sends: Sent; act: (started: Started, name: string) => Promise<unknown> }> = {
  'signing in': { sends: 'set for the visit', act: ({ signIn }) => signIn() },
  'signing in to stay': { sends: 'set to persist', act: ({ signIn }) => signIn({ remember: 'on' }) },
  'signing in over a session': {
    sends: 'set for the visit',
    act: async ({ signIn }) => {
      await signIn({ remember: 'on' })
      return signIn()
    }
  },
  'signing in with a planted cookie': {
    sends: 'set for the visit',
    act: ({ browser, signIn }, name) => {
      browser.cookies = { [name]: 's:planted.signature' }
      return signIn()
    }
  },
  'a wrong password': { sends: 'not sent', act: ({ signIn }) => signIn({ password: 'wrong' }) },
  reading: {
    sends: 'not sent',
    act: async ({ browser, signIn, via }) => {
      await signIn()
      return browser.get('/dashboard', via)
    }
  },
  'signing out': {
    sends: 'cleared',
    act: async ({ browser, signIn, via }) => {
      await signIn()
      return browser.submit('/logout', {}, via)
    }
  },
  'signing out a second time': {
    sends: 'cleared',
    act: async ({ browser, signIn, via }) => {
      await signIn()
      const { cookies } = browser
      const copy = { ...cookies }
      await browser.submit('/logout', {}, via)
      browser.cookies = copy
      return browser.submit('/logout', {}, via)
    }
  },
  'a dead cookie': {
    sends: 'cleared',
    act: ({ browser, via }, name) => {
      browser.cookies = { [name]: 's:dead.cookie' }
      return browser.get('/login', via)
    }
  },
  'the cookie of an ended session': {
    sends: 'cleared',
    act: async ({ browser, signIn, via }) => {
      await signIn()
      const copy = { ...browser.cookies }
      await browser.submit('/logout', {}, via)
      browser.cookies = copy
      return browser.get('/dashboard', via)
    }
  },
  'a new secret': {
    sends: 'set for the visit',
    act: async ({ signIn, afterRotation, via }) => {
      await signIn()
      return afterRotation().get('/dashboard', via)
    }
  },
  'a new secret, staying': {
    sends: 'set to persist',
    act: async ({ signIn, afterRotation, via }) => {
      await signIn({ remember: 'on' })
      return afterRotation().get('/dashboard', via)
    }
  },
  'signing out after a new secret': {
    sends: 'cleared',
    act: async ({ signIn, afterRotation, via }) => {
      await signIn()
      return afterRotation().submit('/logout', {}, via)
    }
  }
}

for (const [where, place] of Object.entries(places)) {
  t.test(where, async (t) => {
    const newVisitor = await start(t, place)
    for (const [when, { sends, act }] of Object.entries(moments)) {
      t.test(`${where}: at ${when} the cookie is ${sends}`, async (t) => {
        const response = Object(await act(newVisitor(), place.name))
        const sent: string[] = [response.headers['set-cookie'] ?? []].flat()
        const all = sent.filter((line) => line.startsWith(`${place.name}=`))
        const lines = all.filter((line) => sameAttributes(line, place))
        for (const line of all.filter((line) => !lines.includes(line)))
          t.match(line, /=; Max-Age=0; /, 'what other settings may have left is cleared')
        t.equal(lines.length, sends === 'not sent' ? 0 : 1)
        for (const line of lines) {
          const [pair = '', ...attributes] = line.split('; ')
          const [, name, value = ''] = /^(.+?)=(.*)$/.exec(pair) ?? []
          const times = attributes.filter((attribute) => /^(Expires|Max-Age)=/.test(attribute))
          t.equal(name, place.name)
          t.same(attributes.filter((attribute) => !times.includes(attribute)).sort(), place.attributes)
          t.ok(line.length <= 4096, 'ASVS 3.3.5')
          if (sends === 'cleared') t.match({ value, times }, { value: /^$/, times: ['Max-Age=0'] })
          else t.match(decodeURIComponent(value), /^s:[\w-]{22}\.[\w-]{22}\.[\w+/-]{20,}$/)
          if (sends === 'set for the visit') t.same(times, [])
          if (sends === 'set to persist') t.equal(times.length, 1)
        }
      })
    }
  })
}

function sameAttributes(line: string, { attributes }: Place): boolean {
  const [, ...sent] = line.split('; ')
  const places = (all: string[]) => all.filter((attribute) => attribute.startsWith('Domain=')).join()
  return places(sent) === places(attributes)
}
