import { readFileSync } from 'node:fs'
import t from 'tap'
import { accentsOf, backgrounds, type Color, contrast } from '../../src/branding/accents.ts'

const style = readFileSync(new URL('../../views/assets/style.css', import.meta.url), 'utf8')
const colorsOf = (name: string) =>
  (new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(style) ?? []).slice(1) as Color[]

t.test('contrast is computed as WCAG defines it', async (t) => {
  t.equal(contrast('#ffffff', '#000000'), 21)
  t.equal(contrast('#777777', '#777777'), 1)
  t.equal(contrast('#767676', '#ffffff').toFixed(2), '4.54')
})

t.test('links and buttons have enough contrast in both schemes, whatever the colour', async (t) => {
  const channels = ['00', '33', '80', 'cc', 'ff']
  const colors = channels.flatMap((red) =>
    channels.flatMap((green) => channels.map((blue): Color => `#${red}${green}${blue}`))
  )
  for (const color of colors) {
    const { light, dark } = accentsOf(color)
    for (const background of [...colorsOf('card'), ...colorsOf('paper')]) {
      const { accent } = contrast(background, '#ffffff') < 3 ? light : dark
      t.ok(contrast(accent, background) >= 4.5, `${color} as ${accent} on ${background}`)
    }
    for (const { accent, onAccent } of [light, dark]) t.ok(contrast(accent, onAccent) >= 4.5, `on ${accent}`)
  }
})

t.test('a colour with enough contrast stays unchanged', async (t) => {
  t.same(accentsOf('#2f5d50').light, { accent: '#2f5d50', onAccent: '#ffffff' })
  t.equal(accentsOf('#8fcab8').dark.accent, '#8fcab8')
})

t.test('the backgrounds match those in the stylesheet', async (t) => {
  t.ok(colorsOf('paper').includes(backgrounds.light))
  t.ok(colorsOf('card').includes(backgrounds.dark))
})
