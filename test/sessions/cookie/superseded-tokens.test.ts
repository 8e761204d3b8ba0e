import t from 'tap'
import { SupersededTokens } from '../../../src/sessions/cookie/superseded-tokens.ts'

t.test('a token is superseded for a minute', async (t) => {
  let time = 0
  const tokens = new SupersededTokens(() => time)
  tokens.add('former')
  t.same([tokens.has('former'), tokens.has('other')], [true, false])
  time = 59_999
  t.ok(tokens.has('former'))
  time = 60_000
  t.notOk(tokens.has('former'))
})

t.test('many or long tokens take no more memory than a bounded number of short ones', async (t) => {
  const tokens = new SupersededTokens(() => 0)
  tokens.add('x'.repeat(201))
  t.notOk(tokens.has('x'.repeat(201)))
  tokens.add('first')
  for (let number = 0; number < 20_000; number += 1) tokens.add(`token ${number}`)
  t.same([tokens.has('first'), tokens.has('token 19999')], [false, true])
})
