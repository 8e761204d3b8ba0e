import { fstatSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Writable } from 'node:stream'
import type { DestinationStream } from 'pino'
import type { AuditEvent } from '../audit/audit-event.ts'
import { printableLines } from '../primitives/visible-text.ts'

/** How much of the log waits for its reader, in bytes. */
const maxWaiting = 1024 * 1024

/**
 * Where the log goes: text at a terminal, JSON everywhere else; `undefined` is pino's own output, which waits for each
 * line, as is right for a file.
 */
export function logOutput(): DestinationStream | undefined {
  if (process.stdout.isTTY) return toTerminal()
  return isReadByAProgram(1) ? toReader(process.stdout) : undefined
}

/**
 * Writes lines of JSON for a program that may stop to read them, such as a collector of logs that hangs. Waiting for it
 * would stop the service, and nothing could end it. Lines for which there is no room are dropped and counted.
 */
export function toReader(output: Writable): DestinationStream {
  const known = readers.get(output)
  if (known) return known
  const reader = readerOf(output)
  readers.set(output, reader)
  return reader
}

/** All services of a process write to the same output: they share its count of lines, and one listener. */
const readers = new WeakMap<Writable, DestinationStream>()

function readerOf(output: Writable): DestinationStream {
  let lost = 0
  let isGone = false
  // It has ended, or cannot be written to: there is nobody to tell.
  output.on('error', () => {
    isGone = true
  })
  return {
    write(line) {
      if (isGone) return
      if (output.writableLength > maxWaiting) {
        lost += 1
        return
      }
      if (lost > 0) output.write(lossNote(lost))
      lost = 0
      output.write(line)
    }
  }
}

function lossNote(lost: number): string {
  const msg = `${lost} lines of the log were dropped, because nobody read it.`
  return `${JSON.stringify({ level: 40, time: Date.now(), pid: process.pid, msg })}\n`
}

function isReadByAProgram(descriptor: number): boolean {
  try {
    const kind = fstatSync(descriptor)
    return kind.isFIFO() || kind.isSocket()
  } catch {
    // It is closed: pino says so.
    return false
  }
}

/** One line for each event: what is only for programs is left out. */
function toTerminal(): DestinationStream {
  // Loaded only where it is used: it would be a fortieth of the start.
  const pretty: typeof import('pino-pretty') = createRequire(import.meta.url)('pino-pretty')
  return pretty({
    sync: true,
    singleLine: true,
    ignore: 'pid,hostname,reqId,audit',
    translateTime: 'HH:MM:ss',
    messageFormat: (log, key) => printableLines(`${log[key] ?? ''}${auditNote(log.audit)}`)
  })
}

/** `: alice, by bob, from 192.0.2.1` */
function auditNote(audit: unknown): string {
  if (typeof audit !== 'object' || audit === null) return ''
  const { name, formerName, by, address } = audit as AuditEvent
  const parts = [
    name,
    formerName !== undefined && `before ${formerName}`,
    by && `by ${by.kind === 'account' ? by.name : 'the command'}`,
    address !== undefined && `from ${address}`
  ]
  const known = parts.filter((part) => typeof part === 'string')
  return known.length > 0 ? `: ${known.join(', ')}` : ''
}
