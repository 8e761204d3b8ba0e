import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Render } from '../mail/worker.ts'
import { once } from '../primitives/once.ts'
import type { MailsOptions } from './mails.ts'

const folder = dirname(fileURLToPath(import.meta.resolve('#views/layout.eta')))

/** Renders mails. The views are loaded for the first one. */
export function mailRenderer(options: () => Promise<Omit<MailsOptions, 'folder'>>): Render {
  const open = once(async () => {
    const { Mails } = await import('./mails.ts')
    return new Mails({ folder, ...(await options()) })
  })
  return async (mail) => (await open()).render(mail)
}
