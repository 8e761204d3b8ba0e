import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { fileResponse } from '../../src/web/file-response.ts'

const folder = t.testdir({ 'style.css': 'b { }', 'LOGO.PNG': '', strange: 'x' })
const css = join(folder, 'style.css')
utimesSync(css, 1_000_000_000, 1_000_000_000.5)

t.test('a file is sent with its type, its length and what tells its version', async (t) => {
  const { status, headers, body } = fileResponse(css, {})
  t.match(
    { status, headers },
    {
      status: 200,
      headers: {
        'content-type': 'text/css; charset=utf-8',
        'content-length': 5,
        'last-modified': 'Sun, 09 Sep 2001 01:46:40 GMT'
      }
    }
  )
  t.equal(body && (await text(body())), 'b { }')

  const empty = fileResponse(join(folder, 'LOGO.PNG'), {})
  t.match(empty.headers, { 'content-type': 'image/png', 'content-length': 0 })
  t.equal(empty.body && (await text(empty.body())), '')
  const strange = fileResponse(join(folder, 'strange'), {})
  t.equal(strange.headers['content-type'], 'application/octet-stream')
})

t.test('a client that has this version gets 304, and nothing else', async (t) => {
  const { etag = '' } = fileResponse(css, {}).headers
  const date = 'Sun, 09 Sep 2001 01:46:40 GMT'
  for (const asked of [
    { 'if-none-match': `"other", ${etag}` },
    { 'if-none-match': '*' },
    { 'if-modified-since': date }
  ]) {
    const { status, headers, body } = fileResponse(css, asked)
    t.same(
      { status, headers, body },
      { status: 304, headers: { etag, 'last-modified': date }, body: undefined }
    )
  }
  for (const asked of [
    { 'if-none-match': '"other"', 'if-modified-since': date },
    { 'if-modified-since': 'Sun, 09 Sep 2001 01:46:39 GMT' },
    { 'if-modified-since': 'yesterday' }
  ])
    t.equal(fileResponse(css, asked).status, 200, JSON.stringify(asked))
})
