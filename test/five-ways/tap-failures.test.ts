import t from 'tap'
import { failuresIn } from './tap-failures.ts'

t.test('each failed assertion is named with the tests around it', async (t) => {
  const tap = `TAP version 14
# Subtest: test/groups/routes.test.ts
    # Subtest: signs in
        ok 1 - should be equal
        not ok 2 - the cookie is set
          ---
          at: { fileName: test/routes/login.test.ts }
          ...
        not ok 3 - should match
        1..3
    not ok 1 - signs in # time=12.5ms
    # Subtest: signs out
        1..0
    ok 2 - signs out # time=0.5ms
    not ok 3 - later # TODO
    1..3
not ok 1 - test/groups/routes.test.ts # time=20ms
not ok 2 - test/app.test.ts # time=1ms
1..2
`
  t.same(failuresIn(tap), [
    'test/groups/routes.test.ts › signs in › the cookie is set',
    'test/groups/routes.test.ts › signs in › should match',
    'test/app.test.ts'
  ])
})

t.test('a run without failures lists none', async (t) => {
  t.same(failuresIn('TAP version 14\nok 1 - test/app.test.ts\n1..1\n'), [])
})
