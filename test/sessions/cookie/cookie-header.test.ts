import fc from 'fast-check'
import t from 'tap'
import { cookieValue, cookieValues } from '../../../src/sessions/cookie/cookie-header.ts'

const name = '__Host-sid'

/**
 * The rule in its simplest form: pairs end at semicolons, names at the first `=`, space and tab around them
 * are ignored.
 */
function plainly(header: string): string[] {
  const trim = (text: string) => text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '')
  return header
    .split(';')
    .map((pair) => /^([^=]*)=(.*)$/s.exec(pair))
    .filter((pair) => pair && trim(`${pair[1]}`) === name)
    .map((pair) => trim(`${pair?.[2]}`).replace(/^"(.*)"$/s, '$1'))
    .map((value) => {
      try {
        return decodeURIComponent(value)
      } catch {
        return value
      }
    })
}

/** Headers as Node returns them, one character for each byte, with many nearly matching names. */
const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code))
const odd = fc.constantFrom(' ', '\t', '\xA0', '\v', '\f', '\0', '"', '%', '%3A', '%ZZ', '=', ';')
const strange = fc.array(fc.oneof(odd, byte), { maxLength: 3 }).map((pieces) => pieces.join(''))
const seldom = fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 2, arbitrary: strange })
const called = fc.constantFrom(name, name, name, 'sid', '__host-SID')
const pair = fc
  .tuple(seldom, called, seldom, fc.constantFrom('=', '=', ''), strange)
  .map((pieces) => pieces.join(''))
const headers = fc.array(pair, { maxLength: 6 }).map((pairs) => pairs.join('; '))

t.test('headers of any bytes are read as the simple rule reads them', async (t) => {
  let found = 0
  fc.assert(
    fc.property(headers, (header) => {
      const values = plainly(header)
      found += values.length
      return (
        JSON.stringify(cookieValues(header, name)) === JSON.stringify(values) &&
        cookieValue(header, name) === values[0]
      )
    }),
    { numRuns: 5000 }
  )
  t.ok(found > 1000, `${found} values were there`)
})

t.test('only space and tab may surround a name', async (t) => {
  for (let code = 0; code < 256; code += 1) {
    const other = String.fromCharCode(code)
    const isBlank = other === ' ' || other === '\t'
    const ends = other === ';'
    const before = cookieValue(`${other}${name}=theirs; ${name}=ours`, name)
    const after = cookieValue(`${name}${other}=theirs; ${name}=ours`, name)
    t.equal(before, isBlank || ends ? 'theirs' : 'ours', `${code} before it`)
    t.equal(after, isBlank ? 'theirs' : other === '=' ? '=theirs' : 'ours', `${code} after it`)
  }
})

t.test('a header without the name has no value, and neither has a missing one', async (t) => {
  for (const header of [undefined, '', name, `x${name}=1`, `${name}x=1`, '=', ';', `=${name}=1`]) {
    t.same(cookieValues(header, name), [], `${header}`)
  }
})

t.test('several values are returned in order, up to the given number', async (t) => {
  const header = `${name}=1; a=b; ${name}=2;${name} = 3`
  t.same(cookieValues(header, name), ['1', '2', '3'])
  t.same(cookieValues(header, name, 2), ['1', '2'])
  t.equal(cookieValue(header, name), '1')
})

t.test('values are decoded and lose their quotation marks', async (t) => {
  const said: Record<string, string> = {
    's%3Aid': 's:id',
    '%zz%3A': '%zz%3A',
    '"s%3Aid"': 's:id',
    '"': '"',
    '""': '',
    'a=b': 'a=b',
    '': ''
  }
  for (const [value, expected] of Object.entries(said)) {
    t.equal(cookieValue(`${name}=${value}`, name), expected, value)
  }
})
