import t from 'tap'
import { settings } from '../../src/settings/settings.ts'
import { documents } from '../settings-documents.ts'

t.test('the README and the options of the library say what the table of settings says', async (t) => {
  for (const { file, is, shouldBe } of documents) {
    t.equal(is, shouldBe, `${file} is made anew by "npm run settings"`)
    for (const { help } of settings.filter(({ group }) => group !== 'server')) {
      t.ok(file.endsWith('.ts') || is.includes(` | ${help} |\n`), help)
    }
  }
})

t.test(
  'every setting has a name of its own, one line of help, and a default or words for having none',
  async (t) => {
    t.same(settings.length, new Set(settings.map(({ name }) => name)).size)
    for (const { name, help, default: value, unset } of settings) {
      t.match(name, /^[A-Z]+(_[A-Z]+)*$/)
      t.match(help, /^[^|\n]+[^.|\n]$/, name)
      t.notSame(value === undefined, unset === undefined, name)
    }
  }
)

t.test('every default is a value that the setting takes', async (t) => {
  for (const { name, parse, default: value = '' } of settings) t.doesNotThrow(() => parse(value), name)
})

t.test('what may hold a secret is marked', async (t) => {
  for (const { name, secret } of settings) {
    if (/SECRET|PEPPER/.test(name)) t.equal(secret, 'whole', name)
    if (/URL|ORIGINS/.test(name)) t.equal(secret, 'password', name)
  }
})
