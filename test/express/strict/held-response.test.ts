import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import t, { type Test } from 'tap'
import { session, signIn } from '../../../src/express/index.ts'
import { eventually } from '../../servers/eventually.ts'
import { Browser, makeSession, open, serve } from '../web.ts'

const strict = { settings: { DATABASE_URL: 'file::memory:' } }
const write = (req: express.Request, value: unknown) => Reflect.set(req.session, 'value', value)

/** A store that works until it is told to fail. */
class FailingStore extends session.MemoryStore {
  fails = false

  override set(...[id, stored, done]: Parameters<InstanceType<typeof session.MemoryStore>['set']>) {
    if (this.fails) done?.(new Error('full'))
    else super.set(id, stored, done)
  }
}

const tell: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error)
  res.status(error.status ?? 500).send(`sorry: ${error.message}`)
}

async function openFailing(t: Test, ...handlers: RequestHandler[]) {
  const store = new FailingStore()
  const app = express().use(makeSession(t, { store, strict: true }), ...handlers)
  app.use(tell)
  return { store, browser: new Browser(await serve(t, app)) }
}

t.test('the response looks sent while the session is being saved', async (t) => {
  const seen: unknown[] = []
  const { browser } = await open(t, strict, (req, res) => {
    write(req, 1)
    res.status(201).set('x-one', '1').send('made')
    seen.push(res.headersSent, res.writableEnded)
    res.statusCode = 404
    for (const change of [
      () => res.setHeader('x-two', '2'),
      () => res.removeHeader('x-one'),
      () => res.appendHeader('x-two', '2')
    ]) {
      t.throws(change, { code: 'ERR_HTTP_HEADERS_SENT' })
    }
  })
  const { status, headers, body } = await browser.get('/')
  t.same([status, headers.get('x-one'), headers.get('x-two'), body], [201, '1', null, 'made'])
  t.same(seen, [true, true])
})

t.test('a second writeHead is refused, as in Node', async (t) => {
  const { browser } = await open(t, strict, (req, res) => {
    write(req, 1)
    res.writeHead(202, 'Fine', { 'x-one': '1' })
    t.throws(() => res.writeHead(200), { code: 'ERR_HTTP_HEADERS_SENT' })
    res.end('once')
  })
  const { status, headers, body, cookies } = await browser.get('/')
  t.same([status, headers.get('x-one'), body, cookies.length], [202, '1', 'once', 1])
})

t.test('if saving fails the response is restored exactly to what session() got', async (t) => {
  const store = new FailingStore()
  store.fails = true
  const before: RequestHandler = (_req, res, next) => {
    res.set({
      'content-security-policy': "default-src 'self'",
      'content-language': 'de',
      'x-frame-options': 'DENY'
    })
    res.cookie('seen', 'yes')
    next()
  }
  const handler: RequestHandler = (req, res) => {
    write(req, 1)
    res.set({ 'content-security-policy': "default-src 'none'", 'cache-control': 'public, max-age=60' })
    res.set({ 'hx-redirect': '/home', link: '</home>; rel=preload', date: 'Thu, 01 Jan 1970 00:00:00 GMT' })
    res.removeHeader('x-frame-options')
    res.appendHeader('set-cookie', 'appended=yes')
    res.statusMessage = 'Welcome'
    res.cookie('welcome', 'yes').redirect('/home')
  }
  const asBefore = {
    'content-security-policy': "default-src 'self'",
    'content-language': 'de',
    'x-frame-options': 'DENY'
  }
  const app = express().use(before, makeSession(t, { store, strict: true }), handler)
  app.disable('x-powered-by').disable('etag').use(tell)
  const sent = Date.now()
  const { status, statusMessage, headers, cookies, body } = await new Browser(await serve(t, app)).get('/')
  const { date, connection, 'keep-alive': keepAlive, ...others } = Object.fromEntries(headers)
  t.same(
    [status, statusMessage, body],
    [503, 'Service Unavailable', 'sorry: The session store did not answer']
  )
  t.same(others, {
    ...asBefore,
    'content-type': 'text/html; charset=utf-8',
    'content-length': `${body.length}`
  })
  t.same(cookies, ['seen=yes; Path=/'])
  t.ok(Date.parse(`${date}`) > sent - 1000, 'Node sets the date again')
})

t.test(
  'if saving fails, trailers are removed: the error page is whole and its connection stays open',
  async (t) => {
    const { store, browser } = await openFailing(t, (req, res) => {
      if (req.path === '/saved') write(req, 1)
      res.set('trailer', 'x-sum')
      res.addTrailers({ 'x-sum': '1' })
      res.type('text').write('one ')
      res.end('two')
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    t.teardown(() => agent.destroy())
    const ask = async (path: string) => {
      const [answer] = (await once(request(browser.url + path, { agent }).end(), 'response')) as [
        IncomingMessage
      ]
      const body = (await answer.toArray()).join('')
      return { status: answer.statusCode, body, said: answer.headers.trailer, trailers: answer.trailers }
    }
    const whole = { status: 200, body: 'one two', said: 'x-sum', trailers: { 'x-sum': '1' } }
    t.same(await ask('/'), whole)
    t.same(await ask('/saved'), whole)
    const connected = Object.values(agent.freeSockets)[0]?.[0]
    store.fails = true
    const failed = await ask('/saved')
    t.same(failed, {
      status: 503,
      body: 'sorry: The session store did not answer',
      said: undefined,
      trailers: {}
    })
    t.same(await ask('/'), whole)
    t.equal(Object.values(agent.freeSockets)[0]?.[0], connected, 'one connection for all')
  }
)

const withdrawn: Record<string, (res: express.Response) => unknown> = {
  json: (res) => res.set('x-secret', '1').cookie('secret', '1').json({ secret: 1 }),
  'not modified': (res) => res.set('etag', '"secret"').status(304).end(),
  'no content': (res) => res.set('x-secret', '1').status(204).end(),
  'a list of headers': (res) =>
    res
      .writeHead(200, 'Secret', ['x-secret', '1', 'set-cookie', 'secret=1', 'content-length', '6'])
      .end('secret'),
  'an object of headers': (res) => res.writeHead(200, { 'x-secret': '1', connection: 'close' }).end('secret'),
  'early hints': (res) => res.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => res.end('secret')),
  'json after a write': (res) => {
    res.write('secret')
    t.throws(() => res.json({ secret: 1 }), { code: 'ERR_HTTP_HEADERS_SENT' })
    res.end()
  },
  'a pipe': (res) => Readable.from([Buffer.from('secret'), Buffer.from('secret')]).pipe(res),
  'a file': (res) => res.sendFile(import.meta.filename, { headers: { 'x-secret': '1' } }),
  'a download': (res) => res.download(import.meta.filename, 'secret.txt'),
  'a way elsewhere': (res) => res.redirect('/secret'),
  'headers of the app that are taken away': (res) => {
    for (const name of ['content-security-policy', 'x-before', 'set-cookie', 'date']) res.removeHeader(name)
    res.set({ date: 'secret', 'transfer-encoding': 'chunked', 'x-before': 'secret' }).end('secret')
  },
  'headers of the app that grow': (res) =>
    res.append('set-cookie', 'secret=1').append('x-before', 'secret').vary('secret').end('secret'),
  'another length': (res) => {
    res.sendDate = false
    res.strictContentLength = true
    res.set('content-length', '99').write('secret')
  },
  'corked writes': (res) => {
    res.cork()
    res.write('secret')
    res.write('secret')
    res.uncork()
    res.end()
  },
  'two ends and a late write': (res) => {
    res.end('secret')
    res.end('secret')
    setImmediate(() => res.write('secret'))
  }
}

t.test(
  'whatever way a response was given, nothing of it is left and all of the app’s is there',
  async (t) => {
    const store = new FailingStore()
    store.fails = true
    const app = express().use(
      (_req, res, next) => {
        res.set({ 'content-security-policy': "default-src 'self'", 'x-before': '1' }).cookie('app', '1')
        next()
      },
      makeSession(t, { store, strict: true })
    )
    for (const [way, give] of Object.entries(withdrawn))
      app.get(`/${encodeURIComponent(way)}`, (req, res) => {
        write(req, 1)
        give(res)
      })
    const address = await serve(t, app.use(tell))
    for (const way of Object.keys(withdrawn))
      for (const method of ['GET', 'HEAD']) {
        const response = await fetch(`${address}/${encodeURIComponent(way)}`, { method, redirect: 'manual' })
        const what = `${method} of ${way}`
        const body = await response.text()
        t.same([response.status, response.statusText], [503, 'Service Unavailable'], what)
        if (method === 'GET') t.match(body, /^sorry: /, what)
        t.notMatch(JSON.stringify([...response.headers, body]), /secret/i, what)
        t.equal(response.headers.get('content-security-policy'), "default-src 'self'", what)
        t.equal(response.headers.get('x-before'), '1', what)
        t.same(response.headers.getSetCookie(), ['app=1; Path=/'], what)
        t.ok(response.headers.get('date'), what)
      }
  }
)

t.test('a chunked error page is whole too, however the first response was framed', async (t) => {
  const framings = [{ 'content-length': '2' }, { 'transfer-encoding': 'chunked' }, { connection: 'close' }]
  const store = new FailingStore()
  store.fails = true
  const app = express().use(makeSession(t, { store, strict: true }), (req, res) => {
    write(req, 1)
    res.set(framings[Number(req.path.slice(1))]).end('ok')
  })
  const inParts: ErrorRequestHandler = (_error, _req, res, _next) => {
    res.status(503).write('sorry, ')
    res.end('later')
  }
  const browser = new Browser(await serve(t, app.use(inParts)))
  for (const [index, framing] of framings.entries()) {
    const { status, body, headers } = await browser.get(`/${index}`)
    t.same([status, body, headers.get('content-length')], [503, 'sorry, later', null], framing)
  }
})

t.test('writes of the failed response never reach the error page', async (t) => {
  const page = 'sorry '.repeat(200_000)
  /** As the package `compression`: data goes through a stream and is written later. */
  const compress: RequestHandler = (_req, res, next) => {
    const { write, end } = res
    const gzip = createGzip()
    gzip.on('data', (chunk) => Reflect.apply(write, res, [chunk]))
    gzip.on('end', () => Reflect.apply(end, res, []))
    Object.assign(res, { write: gzip.write.bind(gzip), end: gzip.end.bind(gzip) })
    res.set('content-encoding', 'gzip')
    next()
  }
  const send: RequestHandler = (req, res) => {
    write(req, 1)
    res.write('what was not saved')
    res.end()
  }
  const pipe: RequestHandler = (req, res) => {
    write(req, 1)
    Readable.from(Array.from({ length: 100 }, () => 'what was not saved'.padEnd(1024))).pipe(res)
  }
  const store = new FailingStore()
  const later: ErrorRequestHandler = async (_error, _req, res, _next) => {
    store.fails = false
    // Until everything in flight has been written.
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
    res.status(503).write(page)
    res.once('drain', () => res.end('!'))
  }
  for (const handlers of [[compress, send], [pipe]]) {
    store.fails = true
    const app = express().use(makeSession(t, { store, strict: true }), ...handlers)
    const { status, headers, body } = await new Browser(await serve(t, app.use(later))).get('/')
    t.same([status, headers.get('content-encoding')], [503, null])
    t.ok(
      body === `${page}!`,
      `${body.length} characters, ${body.includes('not saved') ? 'not its own' : 'its own'}`
    )
  }
})

t.test('a handler that goes on writing after the error page changes and breaks nothing', async (t) => {
  const page = 'sorry '.repeat(1_000_000)
  const store = new FailingStore()
  store.fails = true
  let isWriting = true
  const app = express().use(makeSession(t, { store, strict: true }), async (req, res) => {
    write(req, 1)
    for (let turn = 0; turn < 50; turn += 1) {
      res.write('what was not saved')
      await new Promise(setImmediate)
    }
    res.end()
    isWriting = false
  })
  const atOnce: ErrorRequestHandler = (_error, _req, res, _next) => void res.status(503).send(page)
  const { status, body } = await new Browser(await serve(t, app.use(atOnce))).get('/')
  t.equal(status, 503)
  t.ok(body === page, `${body.length} characters`)
  await eventually('a handler that is done', async () => !isWriting)
})

t.test('Express’s own error handler answers 503 with Retry-After', async (t) => {
  const store = new FailingStore()
  store.fails = true
  const { app, browser } = await open(t, { store, strict: true }, (req, res) => {
    write(req, 1)
    res.send('ok')
  })
  app.set('env', 'test')
  const { status, headers } = await browser.get('/')
  t.same([status, headers.get('retry-after')], [503, '5'])
})

t.test('a chunked response starts after the save, and ends after later changes are saved', async (t) => {
  const { browser } = await open(t, strict, (req, res) => {
    if (req.path === '/value') return void res.json(Reflect.get(req.session, 'value'))
    write(req, 'first')
    res.write('one ')
    res.once('drain', () => {
      write(req, 'second')
      res.end('two')
    })
  })
  t.equal((await browser.get('/parts')).body, 'one two')
  t.equal((await browser.get('/value')).body, '"second"')
})

t.test('a chunked response that ends during the first save is saved whole too', async (t) => {
  const { browser } = await open(t, strict, (req, res) => {
    if (req.path === '/value') return void res.json(Reflect.get(req.session, 'value'))
    write(req, 'first')
    res.write('one ')
    write(req, 'second')
    res.end('two')
  })
  t.equal((await browser.get('/parts')).body, 'one two')
  t.equal((await browser.get('/value')).body, '"second"')
})

t.test('if the last save fails the response does not end normally', async (t) => {
  const { store, browser } = await openFailing(t, (req, res) => {
    write(req, 'first')
    res.write('one ')
    res.once('drain', () => {
      store.fails = true
      write(req, 'second')
      res.end('two')
    })
  })
  await t.rejects(browser.get('/'))
})

t.test('unset: destroy works at the end of a chunked response too', async (t) => {
  const { browser, store } = await open(t, { strict: true, unset: 'destroy' }, (req, res) => {
    write(req, 1)
    res.write('one ')
    res.once('drain', () => {
      Reflect.set(req, 'session', null)
      res.end('two')
    })
  })
  t.equal((await browser.get('/')).body, 'one two')
  t.equal(Object.keys(Reflect.get(store, 'sessions')).length, 0)
})

t.test('a large piped response waits for the save and arrives whole', async (t) => {
  const parts = Array.from({ length: 200 }, (_, index) => `${index}`.padEnd(1024, '.'))
  const { browser } = await open(t, strict, (req, res) => {
    write(req, 1)
    Readable.from(parts).pipe(res)
  })
  const { body, cookies } = await browser.get('/')
  t.equal(body, parts.join(''))
  t.equal(cookies.length, 1)
})

t.test('flushHeaders sends the headers when the session is saved', async (t) => {
  const { browser } = await open(t, strict, (req, res) => {
    write(req, 1)
    res.type('text/event-stream').flushHeaders()
    setImmediate(() => res.end('data: 1\n\n'))
  })
  const { body, cookies } = await browser.get('/')
  t.same([body, cookies.length], ['data: 1\n\n', 1])
})

t.test('an error of Node’s when writing becomes an error of the application', async (t) => {
  const { browser } = await openFailing(t, (req, res) => {
    write(req, 1)
    res.writeHead(42)
    res.end()
  })
  const { status, body } = await browser.get('/')
  t.equal(status, 500)
  t.match(body, /sorry: Invalid status code: 42/)
})

t.test('the same error at the end of a chunked response ends the connection', async (t) => {
  const { app, browser } = await open(t, strict, (req, res) => {
    res.write('one')
    write(req, req.url)
    res.end(42)
  })
  app.use(tell)
  await t.rejects(browser.get('/'))
})

t.test('a stored session has its cookie, even if the response to it fails', async (t) => {
  const handlers: Record<string, RequestHandler> = {
    '/invalid-header': (req, res) => {
      write(req, 'kept')
      res.writeHead(200, { 'x-name': '日本' }).end()
    },
    '/signed-in-and-unsaved': async (req, res) => {
      await signIn(req, 'kept')
      write(req, 1n)
      res.send('signed in')
    },
    '/saved-and-unsaved': (req, res) => {
      write(req, 'kept')
      req.session.save(() => {
        Object.assign(req.session, { big: 'x'.repeat(70_000) })
        res.send('saved')
      })
    }
  }
  const { app, browser } = await open(t, strict, (req, res, next) => {
    const handler = handlers[req.path]
    if (handler) handler(req, res, next)
    else res.json(Object.values(req.session).includes('kept'))
  })
  app.use(tell)
  for (const path of Object.keys(handlers)) {
    browser.jar.clear()
    for (const who of ['a visitor', 'the same browser']) {
      t.equal((await browser.get(path)).status, 500, path)
      t.equal((await browser.get('/')).body, 'true', `${who} has the session`)
    }
  }
})

t.test('session data that JSON cannot hold is an error, where express-session never answers', async (t) => {
  const { browser } = await openFailing(t, (req, res) => {
    write(req, 1n)
    res.send('ok')
  })
  const { status, body } = await browser.get('/')
  t.equal(status, 500)
  t.match(body, /BigInt/)
})

t.test('a disconnected store is an error until it is connected again', async (t) => {
  const { browser, store } = await openFailing(t, (_req, res) => void res.send('here'))
  store.emit('disconnect')
  t.equal((await browser.get('/')).status, 503)
  store.emit('connect')
  t.equal((await browser.get('/')).body, 'here')
})
