import { statSync } from 'node:fs'
import { basename, dirname, extname, resolve } from 'node:path'
import { isHidden, leadsOut } from '../primitives/contained-files.ts'
import { accentsOf, type Color } from './accents.ts'

/** Name, logo and colour of the site, if set. */
export interface Branding {
  readonly name: string
  readonly logo: Picture | undefined
  readonly color: Color | undefined
}

export interface Picture {
  /** An absolute path. */
  readonly file: string
  /** The file extension: `svg`, `png` … */
  readonly kind: string
  readonly mediaType: string
}

const maxNameLength = 40
const maxLogoBytes = 256 * 1024
const pictures: Readonly<Record<string, string>> = {
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  avif: 'image/avif'
}

/**
 * @throws {Error} with a message that completes a sentence starting with the name of the setting; so does
 * parseColor
 */
export function parseLogo(value: string): Picture | undefined {
  if (value === '') return undefined
  const kind = extname(value).slice(1).toLowerCase()
  const mediaType = pictures[kind]
  if (!mediaType) throw new Error(`is "${value}", it must be a picture: ${Object.keys(pictures).join(', ')}`)
  const file = statSync(value, { throwIfNoEntry: false })
  if (!file?.isFile()) throw new Error(`is "${value}", and there is no such file`)
  if (isHidden(basename(value))) throw new Error(`is "${value}", whose name must not begin with a dot`)
  if (leadsOut(dirname(value), value))
    throw new Error(`is "${value}", which leads out of its folder: put a copy of the file there`)
  if (file.size > maxLogoBytes)
    throw new Error(`is "${value}", which has more than ${maxLogoBytes / 1024} KiB`)
  return { file: resolve(value), kind, mediaType }
}

/** Short enough to fit beside the logo. */
export function parseSiteName(value: string): string {
  if ([...value].length <= maxNameLength && !/\p{Cc}/u.test(value)) return value
  throw new Error(`is "${value}", it may have up to ${maxNameLength} characters in one line`)
}

export function parseColor(value: string): Color | undefined {
  if (value === '') return undefined
  const [, digits] = /^#([\da-f]{6}|[\da-f]{3})$/i.exec(value) ?? []
  if (!digits) throw new Error(`is "${value}", it must be a colour such as #2f5d50`)
  return `#${(digits.length === 3 ? digits.replace(/./g, '$&$&') : digits).toLowerCase()}`
}

/** Latchkey's own icon in another colour. */
export function tinted(icon: string, color: Color): string {
  return icon.replace('#2f5d50', accentsOf(color).light.accent)
}

/** CSS that replaces the accent colours of views/assets/style.css. */
export function styleOf(color: Color): string {
  const { light, dark } = accentsOf(color)
  return `:root {
  --accent: light-dark(${light.accent}, ${dark.accent});
  --on-accent: light-dark(${light.onAccent}, ${dark.onAccent});
}
`
}
