#!/usr/bin/env node
import { text } from 'node:stream/consumers'
import askPassword from '@inquirer/password'
import { Command, CommanderError } from 'commander'
import { Accounts } from './accounts/accounts.ts'
import { AccountsStore } from './accounts/accounts-store.ts'
import { Passwords } from './accounts/passwords.ts'
import { readConfig, readEnvironment } from './config.ts'
import { openDatabase } from './database/database.ts'
import { ConfigError, StorageError } from './errors.ts'
import { openSessionStore, type SessionStoreNeeds } from './sessions/open-session-store.ts'
import { inEnglish } from './texts/language.ts'

const exitCodes = { ok: 0, refused: 1, wrongUsage: 2, interrupted: 130 } as const

/** What Redis and PostgreSQL do is told by whether the command succeeds. */
const unheard = { onLost: () => {}, onBack: () => {} }

/** What was asked for cannot be done; the message is the one sentence to print. */
class Refused extends Error {}

// Whoever reads the output may stop early, as `head` does; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})
process.exitCode = await run(process.argv.slice(2))

async function run(words: readonly string[]): Promise<number> {
  try {
    await commands().parseAsync(words, { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    return explain(error)
  }
}

function commands(): Command {
  const latchkey = new Command('latchkey')
    .description('Manage who can sign in. Settings come from the environment and .env, as for the service.')
    .exitOverride()
    .addHelpText('after', '\nExample:\n  $ latchkey users add alice')
  const users = latchkey
    .command('users')
    .description('add and list accounts, change passwords')
    .addHelpText(
      'afterAll',
      '\nThe password is asked for, or read from standard input:\n  $ latchkey users add alice < password.txt'
    )
  users.command('add <name>').description('create an account').action(add)
  users.command('list').description('print every name and when its account was created').action(list)
  users.command('passwd <name>').description("change somebody's password").action(passwd)
  return latchkey
}

async function add(username: string): Promise<void> {
  await withAccounts(async (accounts) => {
    const result = await accounts.add({ username, password: await readPassword() })
    if (!result.ok) throw new Refused(result.error.message)
    console.log(`Added ${result.account.name}.`)
  })
}

async function list(): Promise<void> {
  await withAccounts(async (accounts) => {
    const all = await accounts.list()
    if (all.length === 0) console.log('No accounts yet. Add the first one with "latchkey users add NAME".')
    for (const { name, createdAt } of all) console.log(`${name}\t${createdAt.toISOString().slice(0, 10)}`)
  })
}

async function passwd(username: string): Promise<void> {
  await withAccounts(async (accounts) => {
    if (!(await accounts.find(username))) throw new Refused(`Nobody is called "${username}".`)
    const result = await accounts.changePassword({ username, password: await readPassword() })
    if (!result.ok) throw new Refused(inEnglish(result.reason))
    console.log(`Changed the password of ${result.account.name}, who is signed out everywhere.`)
  })
}

async function withAccounts(use: (accounts: Accounts) => Promise<void>): Promise<void> {
  const config = readConfig(readEnvironment())
  const database = await openDatabase(config.database, unheard)
  try {
    const store = new AccountsStore(database.sql)
    const passwords = new Passwords(config.passwordHash)
    const { registration, passwordMinLength, publicUrl, look } = config
    const endEvery = (name: string) => endAll({ config, database, listener: unheard }, name)
    const sessions = { endAll: endEvery, endOthers: endEvery }
    const policy = { passwordMinLength, publicUrl, siteName: look.name }
    await use(new Accounts({ store, passwords, sessions, registration, ...policy }))
  } finally {
    await database.close()
  }
}

/** Only who needs the sessions waits for Redis. */
async function endAll(needs: SessionStoreNeeds, name: string): Promise<number> {
  const store = await openSessionStore(needs)
  try {
    return await store.endAll(name)
  } catch (error) {
    throw new Refused(
      `The password is changed, but ${name} is not signed out everywhere: ${error}. Try again.`
    )
  } finally {
    await store.close()
  }
}

/** Asks twice at a terminal; from a file or a pipe takes everything but the line break at its end. */
async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, '')
  const password = await ask('Password:')
  if (password === (await ask('Again:'))) return password
  throw new Refused('The two passwords are not the same. Nothing was changed.')
}

function ask(message: string): Promise<string> {
  // The prompt goes to stderr, so that it shows even when the output is redirected.
  return askPassword({ message, toggleMask: false }, { output: process.stderr })
}

function explain(error: unknown): number {
  // Commander has printed what is wrong, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.wrongUsage
  if (!(error instanceof Error)) throw error
  if (error.name === 'ExitPromptError') return exitCodes.interrupted
  if (!(error instanceof Refused || error instanceof ConfigError || error instanceof StorageError))
    throw error
  console.error(error.message)
  return exitCodes.refused
}
