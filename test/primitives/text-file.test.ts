import { writeFileSync } from 'node:fs'
import t from 'tap'
import { readTextFile } from '../../src/primitives/text-file.ts'

t.test('a text reads the same with any byte order mark and any line ends', async (t) => {
  const file = `${t.testdir({})}/text`
  const utf16 = Buffer.from('\uFEFFKäse\nund\n', 'utf16le')
  for (const bytes of [
    'Käse\nund\n',
    '\uFEFFKäse\r\nund\r\n',
    'Käse\rund\r',
    utf16,
    Buffer.from(utf16).swap16()
  ]) {
    writeFileSync(file, bytes)
    t.equal(readTextFile(file), 'Käse\nund\n')
  }
})

t.test('bytes that are no text are refused, with the name of the file', async (t) => {
  const file = `${t.testdir({})}/text`
  for (const bytes of [Buffer.from('Käse', 'latin1'), Buffer.from('Käse', 'utf16le'), 'a\0b']) {
    writeFileSync(file, bytes)
    t.throws(() => readTextFile(file), new Error(`${file} is not UTF-8 text`))
  }
  t.throws(() => readTextFile(`${file}.none`), { code: 'ENOENT' })
})
