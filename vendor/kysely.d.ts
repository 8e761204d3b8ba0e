// For the declarations in dist/ of the package, which mention these three; apps see nothing of them. In the clone the
// types are those of the package `kysely`: types/kysely.d.ts.
export type Kysely<_Tables> = unknown
export type RawBuilder<_Value> = unknown
export type Generated<Column> = Column
