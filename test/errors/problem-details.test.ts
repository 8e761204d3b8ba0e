import t from 'tap'
import * as errors from '../../src/errors/errors.ts'
import { problemOf } from '../../src/errors/problem-details.ts'
import { BodyTooLargeError } from '../../src/errors/request-errors.ts'

const { BusyError, StorageError, WrongCredentialsError } = errors

t.test('an error that the client can fix has its message and code', async (t) => {
  t.same(problemOf(new WrongCredentialsError()), {
    type: 'about:blank',
    title: 'Unauthorized',
    status: 401,
    detail: 'That name and password do not match.',
    code: 'LATCHKEY_WRONG_CREDENTIALS'
  })
})

t.test('every error of ours keeps its code and status', async (t) => {
  for (const [name, Class] of Object.entries(errors)) {
    if (!('definition' in Class) || Class.definition.status === undefined) continue
    const { code, status } = Class.definition
    const takes = Math.max(Class.length, Object.getPrototypeOf(Class).length)
    t.match(problemOf(Reflect.construct(Class, Array(takes).fill(5))), { code, status }, name)
  }
})

t.test('an error of ours is the same for an error handler that knows nothing of us', async (t) => {
  const { ThrottledError, SessionDataError, ChangeUnknownError } = errors
  for (const error of [
    new WrongCredentialsError(),
    new ThrottledError(7),
    new BusyError(),
    new StorageError('redis://:hunter2@cache', new Error('hunter2')),
    new ChangeUnknownError(new Error('x')),
    new SessionDataError('hunter2')
  ]) {
    t.same(JSON.parse(JSON.stringify(error)), problemOf(error), error.name)
    const { status, statusCode, expose } = error
    t.same([status, expose], [statusCode, statusCode < 500], 'as http-errors has it')
    t.equal(error.headers['cache-control'], 'no-store')
    t.equal('www-authenticate' in error.headers, status === 401)
    t.equal('retry-after' in error.headers, status === 429 || status === 503)
  }
  t.equal(new ThrottledError(Number.POSITIVE_INFINITY).headers['retry-after'], '86400')
})

t.test('an internal error reveals no details', async (t) => {
  const secret = new Error('password=hunter2')
  t.notMatch(problemOf(Object.assign(secret, { code: 'X' })), { detail: /hunter2/ })
  t.notMatch(problemOf(new errors.SessionDataError('hunter2')), { detail: /hunter2/ })
  t.notMatch(problemOf(new StorageError('redis://:hunter2@cache', secret)), { detail: /hunter2/ })
})

t.test('an overload is not reported as a storage error', async (t) => {
  t.match(problemOf(new BusyError()), { status: 503, code: 'LATCHKEY_BUSY', detail: /Try again/ })
})

t.test('errors of Fastify get a code of ours', async (t) => {
  const byFastify = (statusCode: number) =>
    problemOf(Object.assign(new Error('x'), { code: 'FST_ERR_X', statusCode })).code
  t.same([400, 404, 413, 415, 500].map(byFastify), [
    'LATCHKEY_BAD_INPUT',
    'LATCHKEY_BAD_INPUT',
    'LATCHKEY_BODY_TOO_LARGE',
    'LATCHKEY_UNKNOWN_MEDIA_TYPE',
    'LATCHKEY_INTERNAL'
  ])
})

t.test('a body that only turns out too large is refused in the same words as one that says so', async (t) => {
  const fastifys = Object.assign(new Error('x'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 })
  t.same(problemOf(fastifys), problemOf(new BodyTooLargeError()))
})

t.test('a status without a name still has a title', async (t) => {
  t.match(problemOf(Object.assign(new Error('x'), { code: 'X', statusCode: 499 })), {
    title: 'Error',
    status: 499
  })
})
