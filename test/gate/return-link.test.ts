import t from 'tap'
import { withReturn } from '../../src/gate/return-link.ts'

const nextIn = (link: string) => new URL(link, 'https://login.example.org').searchParams.get('next')

t.test('a page leads back to the whole address if that fits', async (t) => {
  t.equal(withReturn('/login', '/notes?page=2#top'), '/login?next=%2Fnotes%3Fpage%3D2%23top')
  const longest = `/notes?${'a'.repeat(2041)}`
  t.equal(nextIn(withReturn('/login', longest)), longest)
})

t.test('else without its query, else to the next that fits, else nowhere', async (t) => {
  t.equal(nextIn(withReturn('/login', `/notes?${'a'.repeat(2042)}`, '/')), '/notes')
  t.equal(nextIn(withReturn('/login', `/${'a'.repeat(2048)}`, '/')), '/')
  t.equal(withReturn('/login', `/${'a'.repeat(2048)}`), '/login')
})

t.test('what is long only when it is encoded does not fit either', async (t) => {
  t.equal(nextIn(withReturn('/login', `/notes?${'=&'.repeat(750)}`)), '/notes')
  t.equal(withReturn('/login', `/${'%'.repeat(1500)}`), '/login')
})
