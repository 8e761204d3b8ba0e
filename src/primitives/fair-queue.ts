/** Who waits: a network, and one of the accounts that it uses. */
export interface Flow {
  readonly network: string
  readonly account: string
}

/**
 * A queue in which networks take turns, and within each network its accounts: whoever waits with one item is
 * served before the second item of anybody else. When it is full, a newcomer takes the place of the last item
 * of whoever waits with most.
 */
export class FairQueue<T> {
  readonly #limit: number
  /** Both levels are in the order of their turns. */
  readonly #networks = new Map<string, Map<string, T[]>>()
  #size = 0

  /** @param limit how many items may wait */
  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#size
  }

  /** @returns the item that has no place any more, which may be this one; undefined if there was room */
  add({ network, account }: Flow, item: T): T | undefined {
    const accounts = this.#networks.get(network) ?? new Map<string, T[]>()
    const items = accounts.get(account) ?? []
    items.push(item)
    this.#networks.set(network, accounts.set(account, items))
    this.#size += 1
    return this.#size > this.#limit ? this.#evict({ network, account }) : undefined
  }

  /** Removes the item whose turn it is. */
  take(): T | undefined {
    const [first] = this.#networks
    if (!first) return undefined
    const [network, accounts] = first
    const [[account, items] = ['', []]] = accounts
    const item = items.shift()
    this.#networks.delete(network)
    this.#networks.set(network, accounts)
    accounts.delete(account)
    accounts.set(account, items)
    this.#removed({ network, account })
    return item
  }

  /** Removes an item that waits no longer. */
  delete(flow: Flow, item: T): void {
    const items = this.#networks.get(flow.network)?.get(flow.account) ?? []
    const index = items.indexOf(item)
    if (index < 0) return
    items.splice(index, 1)
    this.#removed(flow)
  }

  /** @param newcomer evicted among equals, so that nobody is displaced by somebody who waits with as much */
  #evict(newcomer: Flow): T | undefined {
    const network = heaviest(this.#networks, newcomer.network, (accounts) => sum(accounts.values()))
    const accounts = this.#networks.get(network) ?? new Map<string, T[]>()
    const account = heaviest(accounts, newcomer.account, ({ length }) => length)
    const item = accounts.get(account)?.pop()
    this.#removed({ network, account })
    return item
  }

  #removed({ network, account }: Flow): void {
    this.#size -= 1
    const accounts = this.#networks.get(network)
    if (accounts?.get(account)?.length === 0) accounts.delete(account)
    if (accounts?.size === 0) this.#networks.delete(network)
  }
}

/** @returns the key with the most weight; among equals `preferred`, else the one whose turn comes last */
function heaviest<T>(all: ReadonlyMap<string, T>, preferred: string, weigh: (one: T) => number): string {
  let most = 0
  let found = preferred
  for (const [key, one] of all) {
    const weight = weigh(one)
    if (weight < most || (weight === most && found === preferred)) continue
    most = weight
    found = key
  }
  return found
}

function sum(lists: Iterable<readonly unknown[]>): number {
  let total = 0
  for (const { length } of lists) total += length
  return total
}
