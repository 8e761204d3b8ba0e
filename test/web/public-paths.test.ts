import t from 'tap'
import { isPlainPath, PublicPaths, withoutBase } from '../../src/web/public-paths.ts'

t.test('a base path is taken off where it is, and nowhere else', async (t) => {
  for (const [url, rest] of [
    ['/auth/login?next=/auth', '/login?next=/auth'],
    ['/auth', '/'],
    ['/auth?a', '/?a'],
    ['/auth/', '/'],
    ['/auth/auth/login', '/auth/login'],
    ['/authority', '/authority'],
    ['/auth%2flogin', '/auth%2flogin'],
    ['/login', '/login'],
    ['*', '*']
  ] as const)
    t.equal(withoutBase(url, '/auth'), rest, url)
  t.equal(withoutBase('/login', ''), '/login')
})

t.test('PUBLIC_URL is the address of the server, of the app or of the pages', async (t) => {
  for (const [publicUrl, prefixes, [app, pages]] of [
    [undefined, {}, ['', '']],
    ['https://example.org/', {}, ['', '']],
    ['https://example.org/auth/', {}, ['/auth', '/auth']],
    [undefined, { appPrefix: '/shop/' }, ['/shop', '/shop']],
    ['https://example.org/', { appPrefix: '/shop', pagesPrefix: '/in' }, ['/shop', '/shop/in']],
    ['https://example.org/auth', { appPrefix: '/shop' }, ['/auth/shop', '/auth/shop']],
    ['https://example.org/auth/shop', { appPrefix: '/shop' }, ['/auth/shop', '/auth/shop']],
    ['https://example.org/shop', { appPrefix: '/shop', pagesPrefix: '/in' }, ['/shop', '/shop/in']],
    ['https://example.org/a/shop/in', { appPrefix: '/shop', pagesPrefix: '/in' }, ['/a/shop', '/a/shop/in']],
    ['https://example.org/shop', { pagesPrefix: '/shop' }, ['', '/shop']]
  ] as const) {
    const paths = new PublicPaths({ publicUrl: publicUrl && new URL(publicUrl), ...prefixes })
    t.same([paths.app, paths.pages], [app, pages], `${publicUrl}`)
    t.equal(paths.pagesUrl, publicUrl ? `https://example.org${pages}` : pages)
  }
})

t.test('a path that browsers, cookies and routes read alike is plain', async (t) => {
  for (const path of ['/auth', '/auth/', '/a/b-c_d~e.f', '/...']) t.ok(isPlainPath(path), path)
  for (const path of [
    '',
    '/',
    'auth',
    '//a',
    '/a//b',
    '/a/..',
    '/./a',
    '/:a',
    '/a*',
    '/a;b',
    '/a b',
    '/%61',
    '/ä'
  ])
    t.notOk(isPlainPath(path), path)
})
