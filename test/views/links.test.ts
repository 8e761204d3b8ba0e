import t from 'tap'
import { withPublicPaths } from '../../src/views/links.ts'
import { PublicPaths } from '../../src/web/public-paths.ts'

const paths = new PublicPaths({ publicUrl: new URL('https://example.org/auth'), pagesPrefix: '/in' })

t.test(
  'a path that begins an attribute gets the path of the pages, and / is the start of the app',
  async (t) => {
    for (const [view, moved] of [
      ['<a href="/login">', '<a href="/auth/in/login">'],
      ["<a class=x\n href='/login'>", "<a class=x\n href='/auth/in/login'>"],
      [
        '<form action="/a/<%= it.handle %>"><button formaction="/b">',
        '<form action="/auth/in/a/<%= it.handle %>"><button formaction="/auth/in/b">'
      ],
      ['<img src="/<%= it.logo %>">', '<img src="/auth/in/<%= it.logo %>">'],
      [
        '<a href="/"> <a href="/#top"> <a href=\'/?a\'>',
        '<a href="/auth/"> <a href="/auth/#top"> <a href=\'/auth/?a\'>'
      ],
      ['<a HREF="/login" hReF = "/">', '<a HREF="/auth/in/login" hReF = "/auth/">'],
      [
        '<a class=x href=/login><a href=/><a href=/ id=x><form action=/a?b>',
        '<a class=x href=/auth/in/login><a href=/auth/><a href=/auth/ id=x><form action=/auth/in/a?b>'
      ]
    ] as const)
      t.equal(withPublicPaths(view, paths), moved)
  }
)

t.test('what is no path of ours stays as it is', async (t) => {
  for (const view of [
    '<a href="//example.com/">',
    '<a href="https://example.com/login">',
    '<a href="#here">',
    '<a href="<%= it.home %>">',
    '<a data-href="/login">',
    '<a href=//example.com/>',
    '<% const action = /x/ %>',
    'href="/login'
  ])
    t.equal(withPublicPaths(view, paths), view)
})

t.test('the pages of administrators are where the app has put them', async (t) => {
  const moved = new PublicPaths({ publicUrl: undefined, pagesPrefix: '/in', admin: '/staff/' })
  t.equal(
    withPublicPaths('<a href="/admin"><a href="/admin/people/<%= it.id %>"><a href="/administrator">', moved),
    '<a href="/in/staff"><a href="/in/staff/people/<%= it.id %>"><a href="/in/administrator">'
  )
  t.equal(moved.ofPage('/admin?a'), '/in/staff?a')
  t.equal(moved.ofPage('/account/admin'), '/in/account/admin')
})
