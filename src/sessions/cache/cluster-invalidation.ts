import type { Cluster, Redis } from 'ioredis'
import type { LedgerWitness } from '../../endings/ledger-witness.ts'
import { ClusterMajority } from '../../redis/cluster-majority.ts'
import type { Invalidate, Invalidation } from './invalidation.ts'
import { RedisInvalidation, type RedisInvalidationOptions } from './redis-invalidation.ts'

/** Nodes are many. */
const pingEvery = 200

export interface ClusterInvalidationOptions extends RedisInvalidationOptions {
  readonly cluster: Cluster
  readonly prefix: string
  /** Whether endings that the Cluster may not tell of are known up to a moment ago. */
  readonly witness?: Pick<LedgerWitness, 'isCurrent' | 'listen'> | undefined
}

/**
 * Notifications of all nodes of a Cluster, replicas too: one of them may become a master and be read at any time.
 * The cache is used while every node tells of changes, most masters agree with where this process reads, and the
 * witness has looked.
 */
export class ClusterInvalidation implements Invalidation {
  readonly #options: ClusterInvalidationOptions
  readonly #links = new Map<Redis, RedisInvalidation>()
  readonly #majority: ClusterMajority
  readonly #add = (node: Redis) => this.#link(node)
  readonly #remove = (node: Redis) => this.#unlink(node)
  #invalidate: Invalidate = () => {}

  constructor(options: ClusterInvalidationOptions) {
    const { cluster, now } = options
    this.#options = options
    this.#majority = new ClusterMajority(cluster, {
      onChange: () => this.#invalidate(),
      ...(now && { now })
    })
  }

  listen(invalidate: Invalidate): void {
    const { cluster, witness } = this.#options
    this.#invalidate = invalidate
    witness?.listen((keys) => {
      if (!keys) return invalidate()
      for (const key of keys) invalidate(key)
    })
    for (const node of cluster.nodes()) this.#link(node)
    cluster.on('+node', this.#add)
    cluster.on('-node', this.#remove)
    this.#majority.start()
  }

  isCurrent(): boolean {
    if (this.#links.size === 0 || !this.#majority.isCurrent()) return false
    for (const link of this.#links.values()) if (!link.isCurrent()) return false
    return this.#options.witness?.isCurrent() ?? true
  }

  get refusal(): string | undefined {
    for (const { refusal } of this.#links.values()) if (refusal !== undefined) return refusal
    return undefined
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.settled()))
  }

  close(): void {
    const { cluster } = this.#options
    cluster.off('+node', this.#add)
    cluster.off('-node', this.#remove)
    this.#majority.close()
    for (const node of [...this.#links.keys()]) this.#unlink(node)
  }

  /** A read that is under way may be answered by it before it tells of changes. */
  #link(node: Redis): void {
    const { prefix } = this.#options
    const link = new RedisInvalidation(node, prefix, { ...this.#options, pingEvery })
    this.#links.set(node, link)
    link.listen(this.#invalidate)
    this.#invalidate()
  }

  #unlink(node: Redis): void {
    this.#links.get(node)?.close()
    this.#links.delete(node)
    this.#invalidate()
  }
}
