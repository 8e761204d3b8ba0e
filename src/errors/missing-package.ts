import { ConfigError } from './errors.ts'

/**
 * Loads what uses a package that an app installs itself: a client of a database.
 * @param needed the package, and what of the settings needs it, such as `REDIS_URL is set`
 * @throws {ConfigError} when it is not installed
 */
export async function withPackage<Loaded>(
  { name, because }: { readonly name: string; readonly because: string },
  load: () => Promise<Loaded>
): Promise<Loaded> {
  try {
    return await load()
  } catch (error) {
    if (!isMissing(error, name)) throw error
    throw new ConfigError([`${because}, which needs the package ${name}: type "npm install ${name}"`])
  }
}

/** Not another one that it needs itself. */
function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) return false
  return error.message.includes(`'${name}'`)
}
