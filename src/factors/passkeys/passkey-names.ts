import { deviceOf } from '../../sessions/device.ts'

/** What people call the authenticators that most passkeys are in, by their AAGUID. */
const names: Readonly<Record<string, string>> = {
  'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4': 'Google Password Manager',
  'adce0002-35bc-c60a-648b-0b25f1f05503': 'Chrome',
  'b5397666-4885-aa6b-cebf-e52262a439a2': 'Chromium',
  '771b48fd-d3d4-4f74-9232-fc157ab0507a': 'Microsoft Edge',
  '08987058-cadc-4b81-b6e1-30de50dcbe96': 'Windows Hello',
  '9ddd1817-af5a-4672-a2b9-3e3dd95000a9': 'Windows Hello',
  '6028b017-b1d4-4c02-b4b3-afcdafc96bb2': 'Windows Hello',
  'fbfc3007-154e-4ecc-8c0b-6e020557d7bd': 'Apple Passwords',
  'dd4ec289-e01d-41c9-bb89-70fa845d4bf2': 'Apple Passwords',
  '53414d53-554e-4700-0000-000000000000': 'Samsung Pass',
  'bada5566-a7aa-401f-bd96-45619a55120d': '1Password',
  'd548826e-79b4-db40-a3d8-11116f7e8349': 'Bitwarden',
  '531126d6-e717-415c-9320-3d9aa6981239': 'Dashlane',
  'f3809540-7f14-49c1-a8b3-8f813b225541': 'Enpass',
  'fdb141b2-5d84-443e-8a35-4698c205a502': 'KeePassXC',
  '0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6': 'Keeper',
  'b84e4048-15dc-4dd0-8640-f4f60813c8af': 'NordPass',
  '50726f74-6f6e-5061-7373-50726f746f6e': 'Proton Pass'
}

/** @returns undefined for one that is not among the most usual */
export function authenticatorName(aaguid: string): string | undefined {
  return Object.hasOwn(names, aaguid) ? names[aaguid] : undefined
}

/** In characters. */
export const longestPasskeyName = 50

/** @param typed what somebody wants to call it. @returns undefined if it is empty, too long, or contains what nobody can see */
export function passkeyNameOf(typed: string): string | undefined {
  const name = typed.trim().replace(/\s+/g, ' ')
  const isVisible = !/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u.test(name)
  return name !== '' && name.length <= longestPasskeyName && isVisible ? name : undefined
}

/** What a new one is called until its owner renames it. */
export function newPasskeyName(
  { aaguid }: { readonly aaguid: string },
  userAgent: string | undefined
): string {
  const { browser, system } = deviceOf(userAgent)
  const made = [browser, system].filter((name) => name !== undefined).join(', ')
  return authenticatorName(aaguid) ?? (made === '' ? 'Passkey' : made)
}
