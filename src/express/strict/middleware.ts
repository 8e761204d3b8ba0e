import type expressSession from 'express-session'

/** Connect middleware, as express-session is. */
export type Middleware = ReturnType<typeof expressSession>
export type Request = Parameters<Middleware>[0]
export type Response = Parameters<Middleware>[1]
export type Next = Parameters<Middleware>[2]
