import { createReadStream, type ReadStream, statSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { extname } from 'node:path'

/** What a site's own views may have beside them. Browsers guess no others, because each response says nosniff. */
const mediaTypes: Readonly<Record<string, string>> = {
  '.avif': 'image/avif',
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.mp4': 'video/mp4',
  '.otf': 'font/otf',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.webm': 'video/webm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml'
}

export interface FileResponse {
  readonly status: 200 | 304
  readonly headers: Readonly<Record<string, string | number>>
  /** Of 200. Nothing is read before it flows. */
  readonly body?: () => ReadStream
}

/**
 * The response that sends a file, or 304 if the client has this version (RFC 9110 §13).
 * @param asked headers of the request
 * @throws {Error} if the file does not exist
 */
export function fileResponse(path: string, asked: IncomingHttpHeaders): FileResponse {
  const { size, mtime } = statSync(path)
  const etag = `W/"${size.toString(16)}-${mtime.getTime().toString(16)}"`
  const validators = { etag, 'last-modified': mtime.toUTCString() }
  if (hasVersion(asked, etag, mtime)) return { status: 304, headers: validators }
  const type = mediaTypes[extname(path).toLowerCase()] ?? 'application/octet-stream'
  const headers = { ...validators, 'content-type': type, 'content-length': size }
  return { status: 200, headers, body: () => createReadStream(path, { end: Math.max(0, size - 1) }) }
}

/** If-None-Match counts alone where both are sent (RFC 9110 §13.2.2). */
function hasVersion(asked: IncomingHttpHeaders, etag: string, mtime: Date): boolean {
  const { 'if-none-match': tags, 'if-modified-since': since } = asked
  if (tags !== undefined) return tags.split(',').some((tag) => ['*', etag].includes(tag.trim()))
  // HTTP's dates have whole seconds.
  return since !== undefined && Math.floor(mtime.getTime() / 1000) * 1000 <= Date.parse(since)
}
