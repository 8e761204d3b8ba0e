import t from 'tap'
import { visible } from '../../src/primitives/visible-text.ts'

t.test('control and invisible characters are escaped', async (t) => {
  t.equal(
    visible('red \x1b[31m, \x9b, two\nlines, \u202e, \u2028, \ud800, \u00a0'),
    'red \\u{1b}[31m, \\u{9b}, two\\u{a}lines, \\u{202e}, \\u{2028}, \\u{d800}, \\u{a0}'
  )
  t.equal(visible('Käse, 日本, 🔑'), 'Käse, 日本, 🔑')
})

t.test('a long quotation is shortened', async (t) => {
  t.equal(visible(`is "${'x'.repeat(501)}", no`), `is "${'x'.repeat(500)}…", no`)
  t.equal(visible(`is "${'x'.repeat(500)}", no`), `is "${'x'.repeat(500)}", no`)
})
