import t from 'tap'
import { isToken, newToken, sentToken } from '../../src/tokens/token-format.ts'

t.test('a token has 160 bits, and scanners find it', async (t) => {
  const tokens = Array.from({ length: 100 }, newToken)
  t.equal(new Set(tokens).size, 100)
  for (const token of tokens) t.ok(isToken(token) && /^lk_[0-9a-f]{40}$/.test(token), token)
  const [token = ''] = tokens
  for (const text of [
    '',
    'lk_',
    token.toUpperCase(),
    `${token}0`,
    token.slice(0, -1),
    `x${token}`,
    `${token}\n`
  ])
    t.notOk(isToken(text), text)
})

t.test(
  'an Authorization header has a token if it begins as one, and is meant for somebody else otherwise',
  async (t) => {
    const token = newToken()
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
    t.same(sentToken(`Bearer ${token}`), { token, username: undefined })
    t.same(sentToken(`bearer  ${token} `), { token, username: undefined })
    t.same(sentToken(basic(`jürgen:${token}`)), { token, username: 'jürgen' })
    t.same(sentToken(basic(`:${token}`)), { token, username: '' })
    t.same(sentToken('Bearer lk_wrong'), { token: 'lk_wrong', username: undefined }, 'it is refused')
    for (const wrong of [`${token} and more`, `${token}, Bearer ${token}`])
      t.same(sentToken(`Bearer ${wrong}`), { token: wrong, username: undefined }, 'it is not for the app')
    t.same(sentToken(basic('alice:lk_')), { token: 'lk_', username: 'alice' })
    for (const other of [
      undefined,
      '',
      'Bearer',
      'Bearer eyJhbGciOiJub25lIn0.e30.',
      `Digest ${token}`,
      basic('alice:correct horse battery'),
      basic(token),
      'Basic !!!!'
    ])
      t.equal(sentToken(other), undefined, `${other}`)
  }
)
