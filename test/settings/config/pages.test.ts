import { symlinkSync } from 'node:fs'
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

t.test('nothing is read that a link in a folder leads out to, and no dotfile', async (t) => {
  const place = t.testdir({
    outer: { 'de.json': '{}', 'login.eta': 'x', 'logo.svg': 'x' },
    texts: { '.en.json': 'a dotfile', '._de.json': 'another' },
    views: {},
    brand: { '.logo.svg': 'x', 'own.svg': 'x' }
  })
  const own = readConfig({ TEXTS: `${place}/texts`, VIEWS: `${place}/views` })
  t.same([...own.texts.keys()], [])
  const link = (target: string, name: string) => symlinkSync(target, `${place}/${name}`)
  link('../outer/de.json', 'texts/de.json')
  link('../outer/login.eta', 'views/login.eta')
  link('../outer/logo.svg', 'brand/logo.svg')
  link('own.svg', 'brand/link.svg')
  link('brand', 'brand-link')
  t.match(faultsOf({ TEXTS: `${place}/texts` }), [/^TEXTS has a file de\.json that leads out of the folder/])
  t.match(faultsOf({ VIEWS: `${place}/views` }), [
    /^VIEWS has a file login\.eta that leads out of the folder/
  ])
  t.match(faultsOf({ SITE_LOGO: `${place}/brand/logo.svg` }), [/which leads out of its folder/])
  t.match(faultsOf({ SITE_LOGO: `${place}/brand/.logo.svg` }), [/must not begin with a dot/])
  for (const inside of ['brand/link.svg', 'brand-link/own.svg'])
    t.ok(readConfig({ SITE_LOGO: `${place}/${inside}` }).branding.logo, inside)
})
