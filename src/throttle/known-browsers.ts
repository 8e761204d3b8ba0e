import { DeviceCookies } from './device-cookies.ts'
import type { KnownDevices } from './known-devices.ts'

/** Whose browser it is that sends device cookies. The first two methods throw StorageError. */
export class KnownBrowsers {
  readonly #cookies: DeviceCookies
  readonly #devices: KnownDevices

  /** @param secrets the first signs cookies, all verify them */
  constructor(secrets: readonly string[], devices: KnownDevices) {
    this.#cookies = new DeviceCookies(secrets)
    this.#devices = devices
  }

  /**
   * The id of a browser for a user, by its cookies, whether or not it counts any more. Only where others have signed in,
   * and this user has not by the present name, a store is asked.
   * @param name of the account, or its address
   */
  async claimed(name: string, sent: readonly string[]): Promise<string | undefined> {
    const cookie = this.#cookieFor(name, sent)
    const id = this.#cookies.deviceOf(name, cookie)
    if (id !== undefined || !this.#cookies.hasAny(cookie)) return id
    const others = await this.#devices.otherNames(name)
    return others.map((other) => this.#cookies.deviceOf(other, this.#cookieFor(other, sent))).find(Boolean)
  }

  /** The same, if the user signed in from it with the present password. */
  async known(name: string, sent: readonly string[]): Promise<string | undefined> {
    const id = await this.claimed(name, sent)
    return id !== undefined && (await this.#devices.isKnown(name, id)) ? id : undefined
  }

  /** @returns the cookie of a browser in which a user has signed in. @param id of the browser for that user */
  add(name: string, id: string, sent: readonly string[]): string {
    return this.#cookies.add(name, id, this.#cookieFor(name, sent))
  }

  /** Another host of the domain may have set one of the name: that of the user counts. */
  #cookieFor(name: string, sent: readonly string[]): string | undefined {
    return sent.find((value) => this.#cookies.deviceOf(name, value) !== undefined) ?? sent[0]
  }
}
