import t from 'tap'
import { parseDuration } from '../../src/primitives/durations.ts'

t.test('seconds, minutes, hours and days become milliseconds', async (t) => {
  t.equal(parseDuration('45s'), 45_000)
  t.equal(parseDuration('30m'), 1_800_000)
  t.equal(parseDuration('12h'), 43_200_000)
  t.equal(parseDuration('400d'), 34_560_000_000)
})

t.test('nothing else is a duration', async (t) => {
  for (const wrong of ['', '0s', '401d', '30', '30 m', '1.5h', '-1h', '1w', '30M', '1e3s'])
    t.throws(
      () => parseDuration(wrong),
      { message: /must be a duration such as 45s, 30m, 12h or 30d/ },
      wrong
    )
})
