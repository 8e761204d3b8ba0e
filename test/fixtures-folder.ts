import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Lets `t.testdir()` create its folders in another place: most tests have a database there, and on a disk each of
 * its commits costs system time. Stays as it is for the next run, and for one that runs meanwhile.
 * @param fixtures where tap creates them, replaced by a link; another folder there is removed
 * @param temporary a folder with room for them
 */
export function moveFixtures(fixtures: string, temporary: string): void {
  if (existsSync(fixtures) && lstatSync(fixtures).isSymbolicLink()) return
  rmSync(fixtures, { recursive: true, force: true })
  mkdirSync(dirname(fixtures), { recursive: true })
  symlinkSync(mkdtempSync(join(temporary, 'latchkey-fixtures-')), fixtures, 'junction')
}
