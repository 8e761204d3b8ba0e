// group: browser
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { everyPage } from './every-page.ts'
import { picturesFolder, schemes, takePictures, widths } from './pictures.ts'
import { startChromium } from './servers/chromium.ts'

const namesOf = (pages: object) =>
  Object.keys(pages).flatMap((page) =>
    schemes.flatMap((scheme) => Object.keys(widths).map((size) => `${page}-${scheme}${size}.png`))
  )

t.test('docs/ has a picture of every page in both schemes and widths, and no other', async (t) => {
  t.same(readdirSync(picturesFolder).sort(), namesOf(everyPage).sort())
})

/** How a page is called where its view has another name. */
const called: Record<string, string> = {
  error: 'not-found',
  home: 'start',
  login: 'sign-in',
  logout: 'sign-out',
  'account/overview': 'account'
}

t.test('every view is among the pages that are pictured and measured', async (t) => {
  const views = readdirSync(join(import.meta.dirname, '../views'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.eta') && !/^parts|^layout|^mail/.test(name))
    .map((name) => name.replace('.eta', '').replaceAll('\\', '/'))
  t.ok(views.includes('account/overview'))
  for (const view of views) t.hasProp(everyPage, called[view] ?? view.replaceAll('/', '-'), view)
})

t.test('Chromium takes the pictures', async (t) => {
  const folder = t.testdir()
  const { start } = everyPage
  await takePictures(await startChromium(t), folder, { ...(start && { start }) })
  const names = readdirSync(folder).sort()
  t.same(names, namesOf({ start }).sort())
  const pictures = names.map((name) => readFileSync(join(folder, name)))
  // PNG: the width is the first number of the first chunk.
  t.same(
    pictures.map((picture) => picture.readUInt32BE(16)),
    names.map((name) => widths[name.includes('-narrow') ? '-narrow' : ''])
  )
  t.equal(new Set(pictures.map((picture) => picture.toString('base64'))).size, names.length, 'all differ')
})
