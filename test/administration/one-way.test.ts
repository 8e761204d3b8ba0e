import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../..')

/** Methods that change an account, a group or an invitation, by what has them. */
const changes = new RegExp(
  `(${[
    '\\baccounts\\.(disable|enable|setRole|remove|forgetFailedAttempts|changePassword)',
    '\\bgroups(\\.(add|remove|join|leave)|\\[\\w+)',
    '\\btokens\\.(make|end|endAll)',
    '\\bfactors\\.(dropAll|forgetWrongTries|remove\\w+)',
    '\\blinks\\.make',
    '\\binvitations(\\(\\))?\\.(invite|withdraw)',
    '\\brenaming\\.rename',
    '\\baddresses(\\(\\))?\\.(set|undo)'
  ].join('|')})(?=[(\\]](?!'))`,
  'g'
)

/** What somebody does to the own account. The command also sets passwords, which no administrator does elsewhere. */
const own: Readonly<Record<string, readonly string[]>> = {
  'src/cli/users.ts': ['accounts.changePassword'],
  'routes/api/tokens.ts': ['tokens.make', 'tokens.end']
}

t.test('all that administrators do is done, recorded and guarded in one place', async (t) => {
  const found: Record<string, string[]> = {}
  for (const folder of ['src/cli', 'routes/admin', 'routes/api', 'plugins/admin'])
    for (const name of readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'))) {
      const text = readFileSync(join(root, folder, name), 'utf8')
      const called = [...text.matchAll(changes)].map(([call]) => call)
      if (called.length > 0) found[`${folder}/${name}`] = [...new Set(called)]
    }
  t.same(found, own, 'elsewhere by Administration or SiteAdministration')
})
