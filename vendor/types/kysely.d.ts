export * from 'kysely'
export { type Migration, Migrator } from 'kysely/migration'
