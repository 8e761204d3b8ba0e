import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { optionName, settingByOption, withOptionNames } from '../src/settings/option-names.ts'
import type { Setting } from '../src/settings/setting.ts'
import { settings } from '../src/settings/settings.ts'

/** The rows of the README's table. */
const tableInReadme = /(?<=\| setting \| default \| what it does \|\n\|---\|---\|---\|\n)(\|.*\n)*/

/** Documents generated from src/settings/settings.ts, with their present and expected text. */
export const documents = [
  { file: 'README.md', made: (text: string) => text.replace(tableInReadme, settings.map(row).join('')) },
  { file: 'src/settings/setting-options.ts', made: () => optionsFile() }
].map(({ file, made }) => {
  const path = join(import.meta.dirname, '..', file)
  const is = readFileSync(path, 'utf8')
  return { file, path, is, shouldBe: made(is) }
})

function row(setting: Setting): string {
  return `| \`${setting.name}\` | ${defaultOf(setting)} | ${setting.help} |\n`
}

function defaultOf(setting: Setting): string {
  return setting.default ? `\`${setting.default}\`` : (setting.unset ?? '')
}

function optionsFile(): string {
  const options = settings.filter(({ name }) => settingByOption.has(optionName(name)))
  return `import type { OptionOf } from './settings.ts'

/**
 * Every setting of the README under its name in camelCase: \`SESSION_IDLE\` is \`sessionIdle\`. The environment is not
 * read; undefined counts as not set. Lists may be arrays, durations are written \`45s\`, \`30m\`, \`12h\`, \`30d\`. Made out
 * of settings.ts by \`npm run settings\`.
 */
export interface SettingOptions {
${options.map(option).join('')}}
`
}

function option(setting: Setting): string {
  const help = withOptionNames(setting.help.replace(/\[(.+?)\]\(.+?\)/g, '$1'))
  const sentence = help.charAt(0).toUpperCase() + help.slice(1)
  const comment = `${sentence}. By default: ${defaultOf(setting)}.`
  return `  /** ${comment} */\n  readonly ${optionName(setting.name)}?: OptionOf<'${setting.name}'> | undefined\n`
}

if (import.meta.main) for (const { path, shouldBe } of documents) writeFileSync(path, shouldBe)
