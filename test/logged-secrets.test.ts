import { randomBytes } from 'node:crypto'
import t from 'tap'
import { findSecret } from './logged-secrets.ts'

const secrets = Array.from({ length: 500 }, (_, n) => randomBytes(9 + (n % 30)).toString('base64url'))
const quiet = Array.from({ length: 200 }, () => randomBytes(40).toString('base64url'))

t.test('a secret is found anywhere in a line', (t) => {
  t.equal(findSecret(quiet, secrets), undefined)
  for (const [index, secret] of secrets.entries()) {
    const rest = randomBytes(index % 50).toString('base64url')
    for (const line of [secret, rest + secret, secret + rest, rest + secret + rest]) {
      t.same(findSecret([...quiet, line], secrets), { secret, line })
    }
  }
  t.end()
})

t.test('a text that only begins like a secret is not one', (t) => {
  t.equal(
    findSecret(
      secrets.map((secret) => secret.slice(0, -1)),
      secrets
    ),
    undefined
  )
  t.equal(findSecret(['', 'short'], secrets), undefined)
  t.end()
})
