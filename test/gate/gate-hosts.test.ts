import t from 'tap'
import { gateAddress, gateOrigins } from '../../src/gate/gate-hosts.ts'

const publicUrl = new URL('https://login.example.org')
const gateHosts = ['app.example.org', 'wiki.example.org:8443', '*.dev.example.org']
const addressOf = (wanted: unknown) => gateAddress(wanted, { publicUrl, gateHosts })

t.test('a URL on a host of the gate is kept with its path', async (t) => {
  const good = [
    'https://app.example.org/',
    'https://app.example.org/notes?next=//evil.example&page=2#top',
    'https://app.example.org//two//slashes',
    'https://app.example.org/caf%C3%A9/%2F%5C',
    'https://wiki.example.org:8443/start',
    'https://a.dev.example.org/',
    'https://a.b.dev.example.org/'
  ]
  for (const address of good) t.equal(addressOf(address), address)
  t.equal(
    addressOf('https://app.example.org:443/a'),
    'https://app.example.org/a',
    'normalized as in a browser'
  )
  t.equal(addressOf('HTTPS://App.Example.org'), 'https://app.example.org/')
  t.equal(addressOf('https://app.example.org/日本'), 'https://app.example.org/%E6%97%A5%E6%9C%AC')
})

t.test('a URL on any other host is refused, however it is written', async (t) => {
  const evil = [
    'https://evil.example/',
    'https://app.example.org.evil.example/',
    'https://evilapp.example.org/',
    'https://app.example.org@evil.example/',
    'https://me@app.example.org/',
    'https://app.example.org:pw@evil.example/',
    'https://app.example.org%40evil.example/',
    'https://app.example.org%2F@evil.example/',
    'https://app.example.org\\@evil.example/',
    'https:\\\\app.example.org/',
    'https://app.example.org\\.evil.example/',
    'https:app.example.org/',
    'https:/app.example.org/',
    'https:///app.example.org/',
    '//app.example.org/',
    'app.example.org/',
    'http://app.example.org/',
    'ftp://app.example.org/',
    'javascript://app.example.org/%0aalert(1)',
    'https://app.example.org:8443/',
    'https://wiki.example.org/',
    'https://dev.example.org/',
    'https://xdev.example.org/',
    'https://app.example.org./',
    ' https://app.example.org/',
    'https://app.example.org/\r\nSet-Cookie: x=1',
    'https://app.example.org/\t',
    'https://app.exam\nple.org/',
    'https://[app.example.org]/',
    'https://',
    `https://app.example.org/${'a'.repeat(2048)}`,
    `https://app.example.org/${'日'.repeat(300)}`
  ]
  for (const address of evil) t.equal(addressOf(address), undefined, JSON.stringify(address))
  for (const other of [undefined, null, 1, ['https://app.example.org/']]) t.equal(addressOf(other), undefined)
})

t.test('hosts have the scheme of PUBLIC_URL, whose default port may be written or left out', async (t) => {
  const plain = { publicUrl: new URL('http://localhost:3000'), gateHosts: ['localhost:80', 'localhost:8080'] }
  t.equal(gateAddress('http://localhost/', plain), 'http://localhost/')
  t.equal(gateAddress('http://localhost:8080/', plain), 'http://localhost:8080/')
  t.equal(gateAddress('https://localhost:8080/', plain), undefined)
})

t.test('the Content-Security-Policy lets the sign-in form lead to the apps', async (t) => {
  t.same(gateOrigins({ publicUrl, gateHosts }), [
    'https://app.example.org',
    'https://wiki.example.org:8443',
    'https://*.dev.example.org'
  ])
})
