import { stat } from 'node:fs/promises'
import type { RuleBook } from './rule-book.ts'
import { type RulesFile, readRulesFile, unknownHostFaults } from './rules-file.ts'

export interface LiveRulesOptions {
  /** As it was read at the start, without faults. */
  readonly file: RulesFile
  readonly gateHosts: readonly string[]
  readonly log: { info(message: string): void; error(message: string): void }
  /** For tests. */
  readonly read?: typeof readRulesFile
}

const lookEveryMilliseconds = 1000

/**
 * The rules of a file that may change while the service runs. A change counts when the file stayed the same for a second
 * and while it was read, so that no half of it counts, and only if all of it is right.
 */
export class LiveRules {
  readonly #options: LiveRulesOptions
  readonly #looking: NodeJS.Timeout
  #book: RuleBook
  /** The latest text, right or wrong. */
  #text: string
  /** What marks the file as it was seen last, and as it was read last. */
  #seen: string | undefined
  #read: string | undefined

  constructor(options: LiveRulesOptions) {
    this.#options = options
    this.#book = options.file.book
    this.#text = options.file.text
    this.#looking = setInterval(() => this.look(), lookEveryMilliseconds).unref()
  }

  get book(): RuleBook {
    return this.#book
  }

  /** Looks whether the file has changed. Runs every second by itself. */
  async look(): Promise<void> {
    const seen = await markOf(this.#options.file.file)
    const isSettled = seen === this.#seen
    this.#seen = seen
    if (!isSettled || seen === this.#read) return
    const found = this.#load()
    // Written meanwhile, so what was read may be half of it. It is read again when it has settled.
    if ((await markOf(this.#options.file.file)) !== seen) return
    this.#read = seen
    this.#take(found)
  }

  close(): void {
    clearInterval(this.#looking)
  }

  #load(): RulesFile | Error | undefined {
    const { file, read = readRulesFile } = this.#options
    try {
      return read(file.file)
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  #take(found: RulesFile | Error | undefined): void {
    if (found instanceof Error) this.#refuse([found.message])
    if (!found || found instanceof Error || found.text === this.#text) return
    this.#text = found.text
    const faults = [...found.faults, ...unknownHostFaults(found, this.#options.gateHosts)]
    if (faults.length > 0) this.#refuse(faults)
    else this.#use(found.book)
  }

  #use(book: RuleBook): void {
    this.#book = book
    this.#options.log.info(`GATE_RULES has changed: from now on ${book.rules.length} rules count.`)
  }

  #refuse(faults: readonly string[]): void {
    for (const fault of faults) this.#options.log.error(`GATE_RULES ${fault}`)
    this.#options.log.error('GATE_RULES has changed and cannot be used: the rules from before still count.')
  }
}

/** Changes when a file is written, replaced, or reached through another link. */
async function markOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(file)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return ''
  }
}
