import fc from 'fast-check'
import t from 'tap'
import { signInUrl, toHeader } from '../../src/gate/gate-request.ts'
import { checkName } from '../../src/identity/names.ts'
import { strangeText } from '../strange-text.ts'

t.test('a name that fits into a header is not encoded', async (t) => {
  for (const name of ['alice', 'a.b-c_d', 'alice@example.org', "O'Neil", 'a,b;c="d"'])
    t.equal(toHeader(name), name)
})

t.test('other characters are percent-encoded, and so is the percent sign', async (t) => {
  t.equal(toHeader('jürgen'), 'j%C3%BCrgen')
  t.equal(toHeader('100%'), '100%25')
  t.equal(toHeader('Alice Liddell'), 'Alice%20Liddell')
  t.equal(toHeader('李四'), '%E6%9D%8E%E5%9B%9B')
  t.equal(toHeader('%C3%BC'), '%25C3%25BC', 'no name can equal the encoding of another')
})

t.test('every name can be decoded, and no two are encoded alike', async (t) => {
  const names = fc.string({ unit: 'grapheme' }).filter((name) => checkName(name).ok)
  const failure = fc.check(
    fc.property(names, (name) => {
      const header = toHeader(name)
      return /^[\x21-\x7e]+$/.test(header) && decodeURIComponent(header) === name
    })
  )
  t.equal(failure.counterexample, null)
})

const settings = {
  publicUrl: new URL('https://login.example.org'),
  gateHosts: ['app.example.org', '*.dev.example.org:8443']
}
const loginUrl = 'https://login.example.org/login'
const proxy = { uri: undefined, method: 'GET', protocol: 'https', host: 'app.example.org' }
const wayTo = (originalUrl: string, method = 'GET') => {
  const url = signInUrl({ ...proxy, method, originalUrl }, settings, loginUrl)
  return url === undefined ? undefined : new URL(url).searchParams.get('next')
}

t.test('an address of any length and any characters leads to sign-in and back to its app', async (t) => {
  const origins = fc.constantFrom('https://app.example.org', 'https://a.dev.example.org:8443')
  const texts = fc
    .tuple(strangeText({ maxLength: 30 }), fc.integer({ min: 1, max: 500 }))
    .map(([text, times]) => text.repeat(times))
  const failure = fc.check(
    fc.property(origins, texts, texts, (origin, path, query) => {
      for (const asked of [
        { ...proxy, originalUrl: `${origin}/${path}?${query}` },
        { ...proxy, originalUrl: undefined, host: origin.slice('https://'.length), uri: `/${path}?${query}` }
      ]) {
        const url = signInUrl(asked, settings, loginUrl) ?? ''
        const next = new URL(url).searchParams.get('next') ?? ''
        if (url.length > 2600 || new URL(next).origin !== origin) return false
      }
      return true
    })
  )
  t.equal(failure.counterexample, null)
})

t.test('an address that is too long loses first its query, then its path', async (t) => {
  const page = 'https://app.example.org/notes'
  t.equal(wayTo(`${page}?${'a'.repeat(1500)}`), `${page}?${'a'.repeat(1500)}`)
  t.equal(wayTo(`${page}?${'a'.repeat(8000)}`), page)
  t.equal(wayTo(`${page}/${'a'.repeat(8000)}?page=2`), 'https://app.example.org/')
  t.equal(wayTo(`https://app.example.org?${'a'.repeat(8000)}`), 'https://app.example.org/')
})

t.test('parts that a browser would read differently are left out of the return address', async (t) => {
  t.equal(wayTo('https://app.example.org/a\\b'), 'https://app.example.org/')
  t.equal(wayTo('https://app.example.org/notes?q=\\'), 'https://app.example.org/notes')
})

t.test('a form is not sent again: the way back leads to the start page', async (t) => {
  t.equal(wayTo('https://app.example.org/notes?page=2', 'POST'), 'https://app.example.org/')
})

t.test('an address outside the gate gets no redirect, however long it is', async (t) => {
  for (const end of ['', 'a'.repeat(8000)]) {
    t.equal(wayTo(`https://evil.example/?${end}`), undefined)
    t.equal(wayTo(`https://app.example.org@evil.example/?${end}`), undefined)
    t.equal(wayTo(`https://app.example.org\\@evil.example/?${end}`), undefined)
    t.equal(wayTo(`https://app.example.org.evil.example?${end}`), undefined)
  }
})
