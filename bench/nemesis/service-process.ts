import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const maxOutput = 20_000

/** Sets the clock of a process; undefined where it is not installed. */
export const faketime = globSync('/usr/lib{,64}/{,*/}faketime/libfaketime.so.1')[0]

const running = new Set<ChildProcess>()
// Also when the nemesis itself fails.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export interface ServiceOptions {
  readonly name: string
  readonly env: NodeJS.ProcessEnv
  /** The service, an app that has the plugin, or one with latchkey/express. */
  readonly kind: 'service' | 'host' | 'express'
  /** For its clock. */
  readonly folder: string
  /** The plant: see plants/. */
  readonly plant?: string | undefined
  readonly onCrash: (output: string) => void
}

/** A process of the service, that can be killed, stopped and have its clock set. */
export class ServiceProcess {
  readonly name: string
  readonly kind: ServiceOptions['kind']
  readonly #options: ServiceOptions
  readonly #clock: string
  #child: ChildProcess | undefined
  #output = ''
  #url = ''

  constructor(options: ServiceOptions) {
    this.name = options.name
    this.kind = options.kind
    this.#options = options
    this.#clock = join(options.folder, `clock-of-${options.name}`)
    this.setClock(0)
  }

  /** Its address, another one after each start. */
  get url(): string {
    return this.#url
  }

  async start(): Promise<void> {
    const { env, plant, onCrash } = this.#options
    const child = spawn(process.execPath, this.#words(), {
      cwd: root,
      env: {
        ...this.#environment(),
        ...env,
        ...(plant !== undefined && { NEMESIS_PLANT: plant })
      },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    this.#child = child
    running.add(child)
    this.#output = ''
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        this.#output = (this.#output + chunk).slice(-maxOutput)
        const [, url] = /Latchkey is ready at (http:[^\s"]+)/.exec(this.#output) ?? []
        if (url) resolve(url.replace('localhost', '127.0.0.1'))
      })
    child.once('exit', () => {
      running.delete(child)
      reject(new Error(`${this.name} did not start: ${this.#output}`))
      if (this.#child === child) onCrash(this.#output)
    })
    this.#url = await promise
  }

  /** At once, as in a crash. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  stop(): void {
    this.#child?.kill('SIGSTOP')
  }

  continue(): void {
    this.#child?.kill('SIGCONT')
  }

  /** @param seconds ahead of the machine's clock; within a second it is so */
  setClock(seconds: number): void {
    writeFileSync(this.#clock, `${seconds < 0 ? '' : '+'}${seconds}`)
  }

  #words(): string[] {
    const preload = ['--import', join(import.meta.dirname, 'rewrites.ts')]
    if (this.kind !== 'service') return [...preload, join(import.meta.dirname, `${this.kind}-app.ts`)]
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const [, ...words] = scripts.start.split(' ')
    return [...preload, ...words]
  }

  #environment(): NodeJS.ProcessEnv {
    const { PATH, HOME, LANG, NODE_COMPILE_CACHE } = process.env
    return {
      ...{ PATH, HOME, LANG, PORT: '0', FASTIFY_ADDRESS: '127.0.0.1' },
      ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }),
      ...(faketime && {
        LD_PRELOAD: faketime,
        FAKETIME_TIMESTAMP_FILE: this.#clock,
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        FAKETIME_CACHE_DURATION: '1'
      })
    }
  }
}
