/**
 * `node:http`, not imported: an import reads each of its exports, and that of WebSocket loads all of undici, a twentieth
 * of the start.
 */
export const { METHODS, STATUS_CODES, IncomingMessage, ServerResponse, createServer } =
  process.getBuiltinModule('node:http')
