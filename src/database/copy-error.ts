import { dirname } from 'node:path'

/** A backup cannot be made or restored. The message is a sentence for the operator; nothing was changed. */
export class CopyError extends Error {}

/** SQLite's primary result codes, and what the system calls the same. */
const reasons: readonly {
  readonly codes: readonly (string | number)[]
  readonly say: (path: string) => string
}[] = [
  { codes: ['ENOSPC', 'EDQUOT', 13], say: (path) => `The disk of ${path} is full. Nothing was changed.` },
  {
    codes: ['EACCES', 'EPERM', 'EROFS', 8, 14],
    say: (path) => `You may not write to ${path}, or read what is there.`
  },
  { codes: ['ENOENT', 'ENOTDIR'], say: (path) => `There is no folder ${dirname(path)}.` },
  { codes: ['EISDIR'], say: (path) => `${path} is a folder.` }
]

/** @param path what was being written or read */
export function copyError(cause: unknown, path: string): CopyError {
  if (cause instanceof CopyError) return cause
  const { code, errcode, message } = Object(cause)
  const known = reasons.find(({ codes }) =>
    codes.includes(typeof errcode === 'number' ? errcode & 0xff : code)
  )
  return new CopyError(known?.say(path) ?? `${path} cannot be copied: ${message ?? cause}.`, { cause })
}
