import pg from 'pg'
import { clientWithPatience, type Query } from './postgres-pool.ts'

/**
 * Where the server is told how long a statement may take: once for each connection, or in each transaction.
 * PgBouncer refuses the first, or is told to ignore it.
 */
export type TimeoutScope = 'connection' | 'transaction'

/**
 * Connects once to find out.
 * @param settings with `statement_timeout` in milliseconds
 */
export async function timeoutScopeOf(
  settings: pg.PoolConfig,
  connectPatience: number
): Promise<TimeoutScope> {
  const client = new (clientWithPatience(connectPatience))(settings)
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'")
    return rows[0]?.setting === String(settings.statement_timeout) ? 'connection' : 'transaction'
  } catch (error) {
    if (error instanceof pg.DatabaseError && /parameter: statement_timeout/.test(error.message))
      return 'transaction'
    throw error
  } finally {
    await client.end()
  }
}

/** @param settings with `statement_timeout` in milliseconds */
export function makePool(settings: pg.PoolConfig, scope: TimeoutScope): pg.Pool {
  if (scope === 'connection') return new pg.Pool(settings)
  const { statement_timeout: _, ...others } = settings
  return new pg.Pool({ ...others, pipeline: true })
}

/** @param milliseconds how long a statement may take, unless the connection was made with it */
export function queryOf(client: pg.PoolClient, milliseconds: number): Query {
  return client.pipeline
    ? withTimeoutEach(client, milliseconds)
    : (text, values) => client.query(text, values.slice())
}

/**
 * Runs each statement in a transaction with the timeout, in one round trip: three are sent before the first is
 * answered. A transaction of Kysely's has it from its beginning.
 */
function withTimeoutEach(client: pg.PoolClient, milliseconds: number): Query {
  const limit = `SET LOCAL statement_timeout = ${milliseconds}`
  let isInTransaction = false
  return async (text, values) => {
    const isBegin = /^(begin|start transaction)\b/i.test(text)
    const isEnd = /^(commit|rollback)$/i.test(text)
    if (isBegin || isEnd) isInTransaction = isBegin
    if (isBegin) return client.query(`${text}; ${limit}`)
    if (isEnd || isInTransaction) return client.query(text, values.slice())
    // In the order in which they are sent. Whether it was done is known when the last one is answered.
    const [, answer, end] = await Promise.allSettled([
      client.query(`BEGIN; ${limit}`),
      client.query(text, values.slice()),
      client.query('COMMIT')
    ])
    if (answer.status === 'rejected') throw answer.reason
    if (end.status === 'rejected') throw end.reason
    return answer.value
  }
}
