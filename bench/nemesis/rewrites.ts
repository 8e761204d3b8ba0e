import { registerHooks } from 'node:module'
import { always } from './plants/always.ts'
import { plants, type Rewrite } from './plants/plants.ts'

// Loaded before a service that the nemesis starts: changes its source while it is loaded. The files are not touched.

const { NEMESIS_PLANT: plant } = process.env
const rewrites = [...always, ...(plant === undefined ? [] : (plants[plant]?.rewrites ?? unknown(plant)))]

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const own = rewrites.filter(({ file }) => url.endsWith(`/${file}`))
    if (own.length === 0) return loaded
    return { ...loaded, source: own.reduce(applied, String(loaded.source)) }
  }
})

function applied(source: string, { file, find, replace }: Rewrite): string {
  if (!source.includes(find)) throw new Error(`${file} has no ${find}`)
  return source.replaceAll(find, () => replace)
}

function unknown(name: string): never {
  throw new Error(`There is no plant ${name}: there are ${Object.keys(plants).join(', ')}`)
}
