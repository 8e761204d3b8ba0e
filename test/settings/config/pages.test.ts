import t from 'tap'
import { readConfig } from '../../../src/settings/config.ts'
import { faultsOf, refuses } from '../faults.ts'

t.test('LANGUAGES takes tags separated by commas, in the usual spelling', async (t) => {
  const TEXTS = t.testdir({ 'pt-BR.json': '{}' })
  t.same(readConfig({ LANGUAGES: 'DE, pt-br', TEXTS }).languages, ['de', 'pt-BR'])
  refuses(t, 'LANGUAGES', ['en;de', 'english language', ','], 'languages, such as en,de')
})

t.test('an unknown language is refused with a list of the known ones', async (t) => {
  t.throws(() => readConfig({ LANGUAGES: 'de, tlh' }), {
    code: 'LATCHKEY_CONFIG',
    message: 'LANGUAGES names tlh, but there are only en, de'
  })
})

t.test('TEXTS is a folder', async (t) => {
  t.same([...readConfig({ TEXTS: t.testdir({ 'DE.json': '{}' }) }).texts.keys()], ['de'])
  refuses(t, 'TEXTS', ['nowhere'], 'a folder with texts, such as ./texts')
})

t.test('SITE_NAME is a short line, SITE_COLOR a colour, SITE_LOGO a picture', async (t) => {
  const folder = t.testdir({ 'logo.PNG': '', 'large.svg': ' '.repeat(256 * 1024 + 1), 'logo.txt': '' })
  const { branding } = readConfig({ SITE_NAME: 'Ours', SITE_COLOR: '#F0a', SITE_LOGO: `${folder}/logo.PNG` })
  t.same(branding, {
    name: 'Ours',
    color: '#ff00aa',
    logo: { file: `${folder}/logo.PNG`, kind: 'png', mediaType: 'image/png' }
  })
  t.match(faultsOf({ SITE_NAME: 'x'.repeat(41) }), [/it may have up to 40 characters in one line/])
  t.match(faultsOf({ SITE_NAME: 'two\nlines' }), [/in one line/])
  refuses(t, 'SITE_COLOR', ['green', '#12345', 'url(x)'], 'a colour such as #2f5d50')
  refuses(t, 'SITE_LOGO', [`${folder}/logo.txt`], 'a picture: svg, png, jpg, webp, avif')
  t.match(faultsOf({ SITE_LOGO: `${folder}/none.svg` }), [/there is no such file/])
  t.match(faultsOf({ SITE_LOGO: `${folder}/large.svg` }), [/more than 256 KiB/])
})

t.test('VIEWS is an existing folder', async (t) => {
  const folder = t.testdir({ views: {}, file: '' })
  t.equal(readConfig({ VIEWS: `${folder}/views` }).views, `${folder}/views`)
  refuses(t, 'VIEWS', [`${folder}/nowhere`, `${folder}/file`], 'a folder with Eta views, such as ./views')
})
