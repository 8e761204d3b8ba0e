import fc from 'fast-check'
import t from 'tap'
import { toHeader } from '../../src/gate/gate-request.ts'
import { checkName } from '../../src/identity/names.ts'

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
