import { type CompiledQuery, type Kysely, type KyselyPlugin, sql } from '#vendor/kysely'
import type { Database } from '../../src/database/database.ts'
import type { Tables } from '../../src/database/tables.ts'

/**
 * Every query that is made as the database plans it, without help of its statistics, which small tables lack.
 * @param wanted of a query in SQL
 */
export async function plansOf(
  { kind, sql: db }: Database,
  make: (db: Kysely<Tables>) => Promise<unknown>,
  wanted = (_query: string) => true
): Promise<string> {
  const queries: CompiledQuery[] = []
  const listen: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      queries.push(db.getExecutor().compileQuery(node, queryId))
      return node
    },
    transformResult: async ({ result }) => result
  }
  await make(db.withPlugin(listen))
  return db.connection().execute(async (connection) => {
    if (kind === 'postgres')
      for (const way of ['seqscan', 'sort', 'bitmapscan'])
        await sql.raw(`SET enable_${way} = off`).execute(connection)
    const plans: string[] = []
    for (const query of queries.filter((query) => wanted(query.sql))) {
      const explain = kind === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN'
      const { rows } = await connection.executeQuery({ ...query, sql: `${explain} ${query.sql}` })
      plans.push(JSON.stringify(rows))
    }
    return plans.join('\n')
  })
}
