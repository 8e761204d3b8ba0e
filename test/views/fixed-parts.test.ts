import { Eta } from 'eta'
import t from 'tap'
import { renderFixedParts } from '../../src/views/fixed-parts.ts'

const eta = new Eta()
const said: Record<string, string> = { 'login.title': 'Sign in', odd: `<% it.x %> & "\\' \`\${it.x}` }
const fixed = {
  lang: 'en',
  site: { name: 'A & B', style: undefined },
  t: (key: string) => said[key],
  asset: (name: string) => `/assets/${name}`
}
const print = (view: string) => renderFixedParts(view, fixed, eta.config.escapeFunction)

t.test('parts that are the same for everybody are rendered when a view is compiled', async (t) => {
  t.equal(print(`<h1><%= it.t('login.title') %></h1>`), '<h1>Sign in</h1>')
  t.equal(print(`<html lang="<%=it.lang%>">`), '<html lang="en">')
  t.equal(print(`<%= it.asset('style.css') %>`), '/assets/style.css')
  t.equal(print('<%= it.site.name %>'), 'A &amp; B', 'escaped like everything else')
})

t.test('parts that differ between pages are rendered for each page', async (t) => {
  for (const view of [
    `<%= it.t('login.title', { name: it.user }) %>`,
    `<%= it.t(it.flash) %>`,
    `<%= it.t('no.such.text') %>`,
    `<%= it.t %>`,
    `<%= it.user %>`,
    `<%= it.site.style %>`,
    `<%= it.site.constructor %>`,
    `<%= it.constructor %>`,
    `<%= it.lang.length %>`,
    `<% if (it.lang) { %>`,
    `<%~ it.lang %>`
  ]) {
    t.equal(print(view), view)
  }
})

t.test('the page is identical to one without this step', async (t) => {
  const it = { ...fixed, user: 'alice', x: 'never said' }
  for (const view of [
    `a\n<%= it.t('odd') %>\nb\n`,
    `<%= it.lang %>\r\n\r\n<%= it.user %>\n <%= it.lang -%>\n<%= it.site.name %> \n`,
    `<% if (it.user) { %>\n<a title="<%= it.t('odd') %>"></a>\n<% } %>\n`
  ]) {
    t.equal(eta.renderString(print(view), it), eta.renderString(view, it))
  }
})
