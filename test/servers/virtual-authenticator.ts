import type { Page } from 'playwright-core'

export interface AuthenticatorOptions {
  /** Whether it verifies its user, by a finger or a PIN. */
  readonly verifies?: boolean
}

/** Plugs an authenticator of Chromium's own into a page: its user touches it whenever a page asks for a passkey. */
export async function plugIn(page: Page, { verifies = true }: AuthenticatorOptions = {}) {
  const devTools = await page.context().newCDPSession(page)
  await devTools.send('WebAuthn.enable')
  const { authenticatorId } = await devTools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: verifies ? 'internal' : 'usb',
      hasResidentKey: true,
      hasUserVerification: verifies,
      isUserVerified: verifies,
      automaticPresenceSimulation: true
    }
  })
  return {
    devTools,
    /** The passkeys in it. */
    credentials: async () =>
      (await devTools.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    pullOut: () => devTools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
  }
}
