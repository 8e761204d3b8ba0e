import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { outputOf } from './output.ts'

export function secrets(): Command {
  const secrets = new Command('secrets').description('make secrets for the settings')
  secrets
    .command('make')
    .description('print a new secret for SESSION_SECRET or DATA_KEYS')
    .addHelpText(
      'after',
      '\nTo change it without signing anybody out, put the new one first and the old one after a comma:\n' +
        '  SESSION_SECRET=new,old'
    )
    .action(make)
  return secrets
}

/** 256 random bits. */
function make(_options: object, command: Command): void {
  const secret = randomBytes(32).toString('hex')
  outputOf(command).done(secret, { secret })
}
