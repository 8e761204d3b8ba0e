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
