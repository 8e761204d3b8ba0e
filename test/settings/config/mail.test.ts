import t from 'tap'
import { readConfig } from '../../../src/settings/config.ts'
import { faultsOf } from '../faults.ts'

const PUBLIC_URL = 'https://login.example.org'
const secret = 'a'.repeat(32)
const url = (MAIL_URL: string) => readConfig({ PUBLIC_URL, MAIL_URL }).mailUrl

t.test('MAIL_URL is a mail server, a folder, or off', async (t) => {
  const server = { kind: 'smtp', host: 'mail.example.org', isTls: false, needsTls: true }
  t.same(url('smtp://mail.example.org'), { ...server, port: 587 })
  t.same(url('smtps://mail.example.org'), { ...server, port: 465, isTls: true })
  t.match(url('smtps://me%40example.org:p%3Aw@mail.example.org:1465'), {
    port: 1465,
    user: 'me@example.org',
    password: 'p:w'
  })
  t.same(url('file:./data/mail'), { kind: 'files', folder: './data/mail' })
  t.same(url('off'), { kind: 'off' })
  t.equal(readConfig({}).mailUrl, undefined)
})

t.test('TLS is demanded, but on this machine and where the setting says otherwise', async (t) => {
  const needs = (address: string) => (url(address) as { needsTls?: boolean }).needsTls
  for (const host of ['localhost', '127.0.0.1:25', '[::1]:25', 'mail.localhost'])
    t.equal(needs(`smtp://${host}`), false, host)
  t.equal(needs('smtp://localhost?starttls=required'), true)
  t.equal(needs('smtp://10.0.0.25:25?starttls=optional'), false)
  t.equal(needs('smtps://localhost'), true)
})

t.test('another MAIL_URL is refused, without the password', async (t) => {
  for (const wrong of [
    'mail.example.org',
    'http://mail.example.org',
    'smtp://',
    'smtp://mail.example.org/box',
    'smtp://me@mail.example.org',
    'smtp://mail.example.org?starttls=maybe',
    'smtp://mail.example.org?tls=no',
    'smtps://mail.example.org?starttls=optional',
    'smtp://me:a%0d%0aMAIL@mail.example.org',
    'file:'
  ])
    t.match(
      faultsOf({ MAIL_URL: wrong, PUBLIC_URL }),
      [/^MAIL_URL is no address of a mail server, it must be /],
      wrong
    )
  for (const wrong of ['smtp://me:hunter2@', 'smpt://me:hunter2@h', 'smtp://me:hunter2@h?password=hunter2'])
    t.notMatch(faultsOf({ MAIL_URL: wrong, PUBLIC_URL }).join(), 'hunter2', wrong)
})

t.test('MAIL_FROM is an address, perhaps with a name', async (t) => {
  const from = (MAIL_FROM: string) => readConfig({ MAIL_FROM }).mailFrom
  t.same(from('no-reply@Example.org'), { address: 'no-reply@example.org' })
  t.same(from('Example, Inc. <no-reply@example.org>'), {
    name: 'Example, Inc.',
    address: 'no-reply@example.org'
  })
  t.same(from('"Bücher" <no-reply@bücher.example>'), {
    name: 'Bücher',
    address: 'no-reply@xn--bcher-kva.example'
  })
  for (const wrong of [
    'Example',
    'a@b@c',
    '<>',
    'x <y>',
    'a <b@example.org>, c@example.org',
    'a\r\nb <b@example.org>'
  ])
    t.match(faultsOf({ MAIL_FROM: wrong }), [/^MAIL_FROM is ".+", it must be an address/s], wrong)
})

t.test('mail needs an address that its links lead to, and a key that seals it', async (t) => {
  const MAIL_URL = 'smtps://mail.example.org'
  t.match(faultsOf({ MAIL_URL }), [/^MAIL_URL is set and PUBLIC_URL is not/])
  t.same(faultsOf({ MAIL_URL: 'smtp://localhost:25' }), [])
  const stores = {
    DATABASE_URL: 'postgres://localhost/x',
    REDIS_URL: 'redis://localhost',
    SESSION_SECRET: secret
  }
  t.match(faultsOf({ ...stores, MAIL_URL, PUBLIC_URL }), [/^MAIL_URL is set and DATA_KEYS is not/])
  t.same(faultsOf({ ...stores, MAIL_URL, PUBLIC_URL, DATA_KEYS: secret }), [])
  t.same(faultsOf({ ...stores, MAIL_URL: 'off', PUBLIC_URL }), [])
})
