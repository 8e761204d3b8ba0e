import t from 'tap'
import { BusyError, StorageError, WrongCredentialsError } from '../src/errors.ts'
import { problemOf } from '../src/problems.ts'

t.test('what the sender can mend is said, with its code', async (t) => {
  t.same(problemOf(new WrongCredentialsError()), {
    type: 'about:blank',
    title: 'Unauthorized',
    status: 401,
    detail: 'That name and password do not match.',
    code: 'LATCHKEY_WRONG_CREDENTIALS'
  })
})

t.test('what is our fault says nothing about itself', async (t) => {
  const secret = new Error('password=hunter2')
  t.notMatch(problemOf(Object.assign(secret, { code: 'X' })), { detail: /hunter2/ })
  t.notMatch(problemOf(new StorageError('redis://:hunter2@cache', secret)), { detail: /hunter2/ })
})

t.test('too much at once is nobody’s storage', async (t) => {
  t.match(problemOf(new BusyError()), { status: 503, code: 'LATCHKEY_BUSY', detail: /Try again/ })
})

t.test('a status that has no name is an error all the same', async (t) => {
  t.match(problemOf(Object.assign(new Error('x'), { code: 'X', statusCode: 499 })), {
    title: 'Error',
    status: 499
  })
})
