import t from 'tap'
import { printable, printableJson, printableLines, visible } from '../../src/primitives/visible-text.ts'

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

t.test('a terminal obeys nothing in printable text, and names in any script stay as they are', async (t) => {
  t.equal(
    printable('\x1b[2J, \x7f, \x9b, two\nlines, \u2028, \u202e'),
    '\\u{1b}[2J, \\u{7f}, \\u{9b}, two\\u{a}lines, \\u{2028}, \\u{202e}'
  )
  t.equal(printable('می\u200cخواهم, 👩\u200d🚒, a\u3000b'), 'می\u200cخواهم, 👩\u200d🚒, a\u3000b')
  t.equal(printableLines('one\x1b\ntwo'), 'one\\u{1b}\ntwo')
  const value = { 'a\x9b': ['\x00\x1b\x7f\x85\x9f\u2028\u202e\\u001b\n"', 'ä🔑'] }
  t.match(printableJson(value), /^[ -~ä🔑]+$/u)
  t.same(JSON.parse(printableJson(value)), value)
})
