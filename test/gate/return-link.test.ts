import t from 'tap'
import { withReturn } from '../../src/gate/return-link.ts'

const nextIn = (link: string) => new URL(link, 'https://login.example.org').searchParams.get('next')

t.test('the whole address is returned to if it fits', async (t) => {
  t.equal(withReturn('/login', '/notes?page=2#top'), '/login?next=%2Fnotes%3Fpage%3D2%23top')
  const longest = `/notes?${'a'.repeat(2041)}`
  t.equal(nextIn(withReturn('/login', longest)), longest)
})

t.test('a longer address loses its query, then becomes the fallback, then disappears', async (t) => {
  t.equal(nextIn(withReturn('/login', `/notes?${'a'.repeat(2042)}`, '/')), '/notes')
  t.equal(nextIn(withReturn('/login', `/${'a'.repeat(2048)}`, '/')), '/')
  t.equal(withReturn('/login', `/${'a'.repeat(2048)}`), '/login')
})

t.test('the length counts after encoding', async (t) => {
  t.equal(nextIn(withReturn('/login', `/notes?${'=&'.repeat(750)}`)), '/notes')
  t.equal(withReturn('/login', `/${'%'.repeat(1500)}`), '/login')
})
