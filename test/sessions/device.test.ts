import fc from 'fast-check'
import t from 'tap'
import { deviceFields, deviceFrom, deviceOf } from '../../src/sessions/device.ts'
import { strangeText } from '../strange-text.ts'

const inWords = (userAgent: string | undefined) => {
  const { browser, system } = deviceOf(userAgent)
  return `${browser} on ${system}`
}

const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0'
const safari = 'AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5'
const known: Record<string, string> = {
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0': 'Firefox on Linux',
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Safari/537.36 Edg/140.0.0.0`]:
    'Microsoft Edge on Windows',
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${chrome} Safari/537.36`]: 'Chrome on Chrome OS',
  [`Mozilla/5.0 (Linux; Android 15; Pixel 9) ${chrome} Mobile Safari/537.36`]: 'Chrome on Android',
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${safari} Safari/605.1.15`]: 'Safari on macOS',
  [`Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${safari} Mobile/15E148 Safari/604.1`]:
    'Safari on iOS',
  'curl/8.5.0': 'curl on undefined',
  'python-requests/2.32.3': 'python-requests on undefined'
}

t.test('common browsers and systems are named', async (t) => {
  for (const [userAgent, device] of Object.entries(known)) t.equal(inWords(userAgent), device)
})

t.test('any other User-Agent has no name', async (t) => {
  for (const sent of [
    undefined,
    '',
    'Mozilla/5.0',
    '<script>alert(1)</script>',
    'Your session is fine/1 (really)',
    'x'.repeat(256),
    '__proto__/1',
    'constructor/1 toString/2'
  ]) {
    t.match(inWords(sent), /^(undefined|__proto__|constructor) on undefined$/, `${sent}`)
  }
})

t.test('no User-Agent breaks it', async (t) => {
  const { counterexample } = fc.check(
    fc.property(strangeText({ maxLength: 256 }), (sent) => {
      const { browser = 'none', system = 'none' } = deviceOf(sent)
      return browser.length <= 40 && system.length <= 40
    })
  )
  t.equal(counterexample, null)
})

t.test('a session stores the names, or the User-Agent if there are none', async (t) => {
  const [firefox = ''] = Object.keys(known)
  t.same(deviceFields(firefox), { device: ['Firefox', 'Linux'] })
  t.same(deviceFields('curl/8.5.0'), { device: ['curl', null] })
  t.same(deviceFields('A phone'), { userAgent: 'A phone' })
  t.same(deviceFields('x'.repeat(300)), { userAgent: 'x'.repeat(256) })
  t.same(deviceFields(undefined), { userAgent: '' })
})

t.test('the stored fields give the same names, and so does a stored User-Agent', async (t) => {
  for (const userAgent of [...Object.keys(known), 'A phone', '']) {
    t.same(deviceFrom(deviceFields(userAgent)), deviceOf(userAgent))
    t.same(deviceFrom({ userAgent }), deviceOf(userAgent))
  }
  const ofAnApp = { device: [{}, 7] } as object
  t.same(deviceFrom(ofAnApp), { browser: undefined, system: undefined })
})
