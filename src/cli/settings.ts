import { Command } from 'commander'
import { printable } from '../primitives/visible-text.ts'
import { readOwnConfig } from '../settings/config.ts'
import { readSources } from '../settings/environment.ts'
import { explainSettings, reportSettings } from '../settings/report.ts'
import { outputOf } from './output.ts'

export function settings(): Command {
  return new Command('settings')
    .description('print every setting with its value, its source and its default')
    .addHelpText(
      'after',
      `\nSecrets are not shown. Exits with 1 and the reason if the service would not start.\n\nThe settings:\n${explainSettings()}`
    )
    .action(print)
}

function print(_options: object, command: Command): void {
  outputOf(command).table(
    reportSettings(readSources()).map((setting) => ({ ...setting })),
    'There are no settings.'
  )
  for (const warning of readOwnConfig().warnings) console.error(printable(warning))
}
