import t from 'tap'
import { build } from '../build.ts'

const accepts: [accept: string | undefined, page: boolean][] = [
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
  ['text/html', true],
  ['application/json', false],
  ['*/*', false],
  ['application/json, text/html;q=0.5', false],
  [undefined, false]
]

for (const [accept, page] of accepts) {
  t.test(`Accept ${accept} gets ${page ? 'a page' : 'JSON'}`, async (t) => {
    const app = await build(t)
    const { headers } = await app.inject({ url: '/', headers: accept ? { accept } : {} })
    t.match(headers['content-type'], page ? 'text/html' : 'application/json')
  })
}
