/** In which orders accounts are listed. Apart, because the command names them in its help, which loads no database. */
export const sorts = ['name', 'created', 'last-sign-in'] as const
export type Sort = (typeof sorts)[number]
