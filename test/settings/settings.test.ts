import t from 'tap'
import { secretNames } from '../../src/settings/secret-files.ts'
import { settings } from '../../src/settings/settings.ts'
import { documents } from '../settings-documents.ts'

t.test('the README and the options of the library match the table of settings', async (t) => {
  for (const { file, is, shouldBe } of documents) {
    t.equal(is, shouldBe, `generate ${file} with "npm run settings"`)
    for (const { help } of settings.filter(({ group }) => group !== 'server')) {
      t.ok(file.endsWith('.ts') || is.includes(` | ${help} |\n`), help)
    }
  }
})

t.test('every setting has its own name, one line of help, and a default or a text for none', async (t) => {
  t.same(settings.length, new Set(settings.map(({ name }) => name)).size)
  for (const { name, help, default: value, unset } of settings) {
    t.match(name, /^[A-Z]+(_[A-Z]+)*$/)
    t.match(help, /^[^|\n]+[^.|\n]$/, name)
    t.notSame(value === undefined, unset === undefined, name)
  }
})

t.test('every default is a valid value', async (t) => {
  for (const { name, parse, default: value = '' } of settings) t.doesNotThrow(() => parse(value), name)
})

t.test('settings that may hold a secret are marked', async (t) => {
  for (const { name, secret } of settings) {
    if (/SECRET|PEPPER/.test(name)) t.equal(secret, 'whole', name)
    if (/URL|ORIGINS/.test(name)) t.equal(secret, 'password', name)
  }
})

t.test('the README names each setting that can be in a file', async (t) => {
  const [readme] = documents.filter(({ file }) => file === 'README.md')
  const [, sentence = ''] = /So it can be for ([^.]+)\./.exec(readme?.is ?? '') ?? []
  t.same(
    [...sentence.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    secretNames
  )
})
