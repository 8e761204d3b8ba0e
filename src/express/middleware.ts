import type expressSession from 'express-session'

/** What express-session makes, and what an application uses. */
export type Middleware = ReturnType<typeof expressSession>
/** A request as express-session has it. */
export type Request = Parameters<Middleware>[0]
