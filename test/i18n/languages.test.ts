import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Language } from '../../src/i18n/language.ts'
import english from '../../src/i18n/languages/en.ts'
import { openLanguages } from '../../src/i18n/languages.ts'

const root = join(import.meta.dirname, '../..')
const { all } = await openLanguages()
const gapsIn = (text: unknown) => [...new Set(JSON.stringify(text).match(/\{\w+\}/g) ?? [])].sort()
const textAt = (texts: object, key: string) =>
  key.split('.').reduce<unknown>((group, name) => Reflect.get(Object(group), name), texts)

t.test('every file in languages/ is a language, English first', async (t) => {
  const files = readdirSync(join(root, 'src/i18n/languages')).map((file) => file.replace('.ts', ''))
  t.same(all.map(({ tag }) => tag).sort(), files.sort())
  t.equal(all[0]?.tag, 'en')
  t.ok(files.includes('de'))
})

for (const { tag, keys } of all) {
  t.test(`${tag} has the same texts with the same placeholders as English`, async (t) => {
    const { default: texts } = await import(`../../src/i18n/languages/${tag}.ts`)
    t.same([...keys].sort(), [...new Language('en', english).keys].sort())
    for (const key of keys) {
      const text = textAt(texts, key)
      t.same(gapsIn(text), gapsIn(textAt(english, key)), key)
      t.notMatch(JSON.stringify(text), /""|"\s|\s"/, `${key} is not empty`)
    }
  })
}

t.test('views use only texts that exist, and contain no sentences themselves', async (t) => {
  const views = readdirSync(join(root, 'views'), { recursive: true, encoding: 'utf8' })
  for (const view of views.filter((name) => name.endsWith('.eta'))) {
    const source = readFileSync(join(root, 'views', view), 'utf8')
    for (const [, key = ''] of source.matchAll(/it\.t\('([^']+)'/g)) t.ok(all[0]?.has(key), `${view}: ${key}`)
    const words = source.replace(/<%[\s\S]*?%>/g, '').replace(/<[^>]*>/g, '')
    t.notMatch(words.replaceAll('Latchkey', ''), /\p{L}{2}/u, view)
  }
})

t.test('every page has a title, and every title a page', async (t) => {
  const views = readdirSync(join(root, 'views'), { recursive: true, encoding: 'utf8' })
  const camelCase = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  const titles = views
    // The title of an error is that of its status; a mail has a subject.
    .filter((name) => name.endsWith('.eta') && !/^parts|^layout|^error|^mail/.test(name))
    .map((name) => camelCase(name.replace('.eta', '.title').replace(/[\\/]/g, '.')))
  t.same([...(all[0]?.keys ?? [])].filter((key) => key.endsWith('.title')).toSorted(), titles.toSorted())
})

t.test('every text is used', async (t) => {
  const files = ['src', 'plugins', 'routes', 'views'].flatMap((floor) =>
    readdirSync(join(root, floor), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|eta)$/.test(file) && !file.startsWith('i18n/languages'))
      .map((file) => readFileSync(join(root, floor, file), 'utf8'))
  )
  const sources = files.join()
  // Keys that code builds: titles of pages, headings of statuses, kinds of easy passwords, errors.
  const madeUp = /\.title$|^errors\.|^headings\.|^passwords\.easyKinds\./
  for (const key of all[0]?.keys ?? []) t.ok(madeUp.test(key) || sources.includes(`'${key}'`), key)
})
