import t from 'tap'
import { PasswordPolicy } from '../../src/accounts/password-policy.ts'
import { inEnglish } from '../../src/i18n/language.ts'

const policy = new PasswordPolicy({ minLength: 15, publicUrl: new URL('https://login.example.org') })
/** The reason in English. */
const check = async (password: string, username = 'alice') => {
  const checked = await policy.check({ username, password })
  return checked.ok ? checked : { ok: false, reason: inEnglish(checked.reason) }
}
const fox = '🦊'
/** Fifteen different characters of two UTF-16 units each. */
const fifteenAnimals = '🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧🐦🐤🦆'
const words = ['correct', 'horse', 'battery', 'staple', 'zebra', 'copper', 'violet', 'anchor']

/** No part is repeated. */
function phrase(length: number): string {
  const numbered = Array.from({ length: 40 }, (_, index) => `${words[index % 8]}${index}`)
  return numbered.join(' ').slice(0, length)
}

t.test('the minimum length is counted in code points', async (t) => {
  t.same(await check(fifteenAnimals), { ok: true })
  t.match(await check([...fifteenAnimals].slice(1).join('')), {
    ok: false,
    reason: 'has 14 characters, it needs 15 or more'
  })
  t.match(await check('a'), { ok: false, reason: 'has 1 character, it needs 15 or more' })
  t.match(await check(''), { ok: false, reason: 'A password is missing.' })
})

t.test('characters are counted in NFC, where an accent is part of its letter', async (t) => {
  t.match(await check('e\u0301'.repeat(14)), { ok: false, reason: 'has 14 characters' })
  t.same(await check(`${phrase(200)}${'e\u0301'.repeat(56)}`), { ok: true })
})

t.test('a password has up to 256 characters', async (t) => {
  t.same(await check(phrase(256)), { ok: true })
  t.same(await check(`${phrase(256)}!`), {
    ok: false,
    reason: 'That password has 257 characters; it may have up to 256.'
  })
})

t.test('no kind of character is demanded', async (t) => {
  for (const password of [
    'correct horse battery',
    'correcthorsebattery',
    'donaudampfschiff',
    '314159265358979',
    '!?#&$%*+;:,.-_/()',
    'すもももももももものうち、ですね'
  ]) {
    t.same(await check(password), { ok: true }, password)
  }
})

t.test('a lone surrogate is refused, because no keyboard types it the same way twice', async (t) => {
  t.match(await check(`${phrase(15)}\ud83e`), { ok: false, reason: 'an incomplete character' })
})

const easy: Record<string, string[]> = {
  'common words': [
    'polniypizdec0211',
    'PASSWORDPASSWORD',
    'password password',
    'passwordpasswor',
    'P@ssw0rdP@ssw0rd',
    'qwertyuiopasdfghjkl',
    'iloveyou sunshine!'.slice(0, 17),
    'correct horsecorrect horse',
    'ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ'
  ],
  'common words and a row of characters': ['Password12345678!', 'administrator123', 'letmein!!!!!!!!!'],
  'a row of characters': ['123456789012345', 'abcdefghijklmnop', 'ponmlkjihgfedcba', 'aaaaaaaaaaaaaaa1'],
  'a few characters over and over': [
    'a'.repeat(15),
    'ab'.repeat(10),
    ' '.repeat(20),
    'xk7'.repeat(6),
    fox.repeat(15),
    'e\u0301'.repeat(20),
    'パスワード'.repeat(3)
  ],
  'your name or the name of this site': [
    'alicealicealice',
    'Alice Alice Alice',
    'alicexalicexalice',
    'latchkeylatchkey',
    'login.example.org',
    'login.example.org1',
    'alice@login.example.org'
  ],
  'your name or the name of this site and a row of characters': ['ALICE!!!!!!!!!!!!', 'alicealiceabcdef']
}

for (const [kind, passwords] of Object.entries(easy)) {
  t.test(`a password that is little more than ${kind} is refused with a suggestion`, async (t) => {
    for (const password of passwords) {
      t.same(await check(password), {
        ok: false,
        reason: `That password is little more than ${kind}, which attackers try first. Use three or more words that do not belong together, or let your browser suggest one.`
      })
    }
  })
}

t.test('each part of the person’s own name counts, and no other name', async (t) => {
  t.match(await check('featherstonehaugh', 'marjorie.featherstonehaugh@example.net'), { ok: false })
  t.same(await check('featherstonehaugh'), { ok: true })
  t.same(await check('alice rode a copper zebra'), { ok: true }, 'a phrase may contain the name')
})

t.test('without PUBLIC_URL the name of the service is still refused', async (t) => {
  const local = new PasswordPolicy({ minLength: 8 })
  t.match(await local.check({ username: 'bob', password: 'Latchkey' }), { ok: false })
})

t.test('with a shorter minimum length the most common passwords are still refused', async (t) => {
  const short = new PasswordPolicy({ minLength: 8 })
  for (const password of ['12345678', 'password', 'Iloveyou', 'trustno1', 'sunshine'])
    t.match(await short.check({ username: 'alice', password }), { ok: false }, password)
  t.same(await short.check({ username: 'alice', password: 'kx7$mq2z' }), { ok: true })
})

t.test('the list has more than ten thousand passwords', async (t) => {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  const least = new PasswordPolicy({ minLength: 1 })
  const sample = dictionary['passwords-common'].slice(0, 10_000).filter((_, index) => index % 97 === 0)
  for (const password of sample) t.match(await least.check({ username: 'x', password }), { ok: false })
})
