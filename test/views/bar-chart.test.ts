import t from 'tap'
import { barChart } from '../../src/views/bar-chart.ts'

t.test(
  'bars are as tall as their numbers, in parts on top of each other, and one of many is seen',
  async (t) => {
    const { most, parts, height } = barChart(
      ['good', 'bad'],
      [
        { good: 1000, bad: 0 },
        { good: 0, bad: 0 },
        { good: 500, bad: 1 }
      ]
    )
    t.equal(most, 1000)
    const [tall, half, thin] = parts
    t.equal(parts.length, 3)
    t.match(tall, { kind: 'good', x: 25, width: 150, height: height - 4 })
    t.match(half, { kind: 'good', x: 425, height: (height - 4) / 2 })
    t.match(thin, { kind: 'bad', height: 2, y: (half?.y ?? 0) - 2 })
    t.ok(parts.every(({ y, height: tall }) => y >= 0 && y + tall <= height))
  }
)

t.test('nothing is nothing', async (t) => {
  t.same(barChart(['good'], [{ good: 0 }]).parts, [])
  t.same(barChart(['good'], []).most, 0)
})
