import { setTimeout as sleep } from 'node:timers/promises'
import { type Owner, ownerKeyOf, ownerKeysOf } from '../identity/owner-key.ts'
import { maxCounted } from './ended-count.ts'
import { firstFields, withLabel } from './session-record.ts'
import type { SessionStore } from './session-store.ts'
import { recordIn, textOf } from './session-text.ts'

interface Ended {
  /** The key of the one that continues. */
  readonly except: string | undefined
  /** Of these epochs; undefined: all. */
  readonly below: number | undefined
}

const partSize = 100

/** What a change of an account leaves in the store: sessions that are over, or have the former name. */
export class EndedSessions {
  readonly #store: SessionStore
  /** Nobody waits for them. */
  readonly #underWay = new Set<Promise<unknown>>()
  #isLong = false
  /** Between two parts, times as long as a part took. */
  #restFactor = 50

  constructor(store: SessionStore) {
    this.#store = store
  }

  /**
   * Resolves when nothing is under way. From now on others get as much time as a part takes, and no more.
   * @param onMany called if there are so many that it takes long
   */
  async tidied(onMany: () => void): Promise<void> {
    this.#restFactor = 1
    if (this.#isLong && this.#underWay.size > 0) onMany()
    await Promise.all(this.#underWay)
  }

  /** Each read does it too; this is for programs that read the records themselves. */
  rename(owner: string): void {
    this.#note(this.#rename(owner).catch(() => {}))
  }

  /** What is over already is deleted in parts; nobody waits for more than a thousand. */
  async delete(user: Owner, { except, below }: Ended): Promise<number> {
    if (except !== undefined && below !== undefined) await this.#stampAnew(user.id, except, below)
    const ended = ownerKeysOf(user).map(async (owner) => {
      const limit = owner === user.id ? below : await this.epochOfName(owner)
      const kept = Number(except !== undefined)
      const left = (await this.#store.count(owner, maxCounted + 1 + kept)) - kept
      const deleting = this.#revokeInParts(owner, except, limit)
      if (limit === undefined) return deleting
      const deleted = deleting.catch(() => 0)
      this.#note(deleted)
      if (left > maxCounted) this.#isLong = true
      return left > maxCounted ? left : deleted
    })
    return sumOf(await Promise.all(ended))
  }

  /** undefined: the store has no epochs of names. */
  async epochOfName(owner: string): Promise<number | undefined> {
    return (await this.#store.epochOfName?.(owner)) || undefined
  }

  /**
   * Between two parts others have as much time as a part took. What nobody waits for, because it is over already, is deleted
   * far slower: each part writes to the disk, and that delays others too.
   */
  async #revokeInParts(owner: string, except?: string, below?: number): Promise<number> {
    for (let ended = 0, pause = 0; ; ) {
      const begun = performance.now()
      const part = await this.#store.revokeSome(owner, except, below)
      if (part.length === 0) return ended
      if (ended > 0) pause = performance.now() - begun
      ended += part.length
      if (pause > 0) await sleep(below !== undefined && ended > maxCounted ? pause * this.#restFactor : pause)
    }
  }

  /**
   * The session that goes on is of the new epoch: then it does so under another key too. It may have passed to somebody
   * else meanwhile, whose epochs are others.
   */
  async #stampAnew(owner: string, key: string, epoch: number): Promise<void> {
    let text = (await this.#store.load(key))?.text
    while (text !== undefined) {
      const record = recordIn(text)
      if (ownerKeyOf(record) !== owner || (record.epoch ?? 0) >= epoch) return
      const stamped = { ...record, epoch }
      const to = textOf({ ...firstFields(stamped), ...stamped })
      const updated = await this.#store.update(key, { from: text, to })
      text = updated.outcome === 'conflict' ? updated.text : undefined
    }
  }

  #note(step: Promise<unknown>): void {
    this.#underWay.add(step)
    step.then(() => this.#underWay.delete(step))
  }

  async #rename(owner: string): Promise<void> {
    for (let after: string | undefined; ; ) {
      const { sessions, next } = await this.#store.page(owner, { after, limit: partSize })
      const renaming = sessions.map(async ({ key, text, label }) => {
        const record = recordIn(text)
        const renamed = withLabel(record, label)
        if (renamed !== record) await this.#store.update(key, { from: text, to: textOf(renamed) })
      })
      await Promise.all(renaming)
      if (next === undefined) return
      after = next
    }
  }
}

/** Of sessions that were ended. */
export function sumOf(counts: readonly number[]): number {
  return Math.min(
    counts.reduce((sum, count) => sum + count),
    maxCounted + 1
  )
}
