import { type Command, InvalidArgumentError } from 'commander'
import { languageTag } from '../api/invitations.ts'
import { CliError } from './cli-error.ts'
import { withContext } from './context.ts'
import { deedOf, orSaid, unreadReasonOption } from './deed.ts'
import { outputOf } from './output.ts'

/** The commands of `latchkey users` for people who have no account yet. */
export function addInvitations(users: Command): void {
  users
    .command('invite <address>')
    .description(
      'mail somebody a link to make an account, also while registration is closed: once, within 72 hours'
    )
    .option('--admin', 'the account will be an administrator’s')
    .option('--language <tag>', 'the language of the mail, such as de', tag)
    .action(invite)
  users
    .command('invitations')
    .description('print the invitations that can still be used, or end one')
    .option('--withdraw <invitation>', 'end the one that the list calls so')
    .addOption(unreadReasonOption())
    .action(invitations)
}

interface InviteOptions {
  readonly admin?: true
  readonly language?: string
}

async function invite(address: string, { admin, language }: InviteOptions, command: Command) {
  await withContext(async (context) => {
    const role = admin ? 'admin' : 'user'
    const made = await orSaid(context.siteAdministration.invite({ address, role, language }, deedOf()))
    const as = admin ? ' as an administrator' : ''
    const until = made.expiresAt.toISOString().slice(0, 16).replace('T', ' ')
    outputOf(command).done(
      `${made.address} is invited${as}, until ${until} UTC. The service sends the mail.`,
      {
        ...{ invitation: made.id, address: made.address, role, expiresAt: made.expiresAt }
      }
    )
  })
}

function tag(text: string): string {
  if (languageTag.test(text)) return text
  throw new InvalidArgumentError('It must be a language tag, such as de or en-GB.')
}

async function invitations(options: { withdraw?: string; reason?: string }, command: Command) {
  await withContext(async (context) => {
    if (options.withdraw !== undefined) return withdraw(options.withdraw, options.reason)
    const listed = await context.invitations().list()
    const rows = listed.map(({ id, address, role, invitedBy = null, createdAt, expiresAt }) => ({
      ...{ address, role, invitedBy, createdAt, expiresAt, invitation: id }
    }))
    outputOf(command).table(rows, 'Nobody is invited.')

    async function withdraw(id: string, reason?: string) {
      if (!(await orSaid(context.siteAdministration.withdraw(id, deedOf({ reason })))))
        throw new CliError('There is no such invitation any more.')
      outputOf(command).done('The invitation is withdrawn. Its link opens nothing any more.', {
        invitation: id
      })
    }
  })
}
