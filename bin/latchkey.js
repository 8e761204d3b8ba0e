#!/usr/bin/env node
import { existsSync } from 'node:fs'
import module from 'node:module'

// Most of its time goes into reading code, and that is the same each time.
module.enableCompileCache?.()

// In a clone the source is run as it is; in the package there is only what was built from it.
const source = new URL('../src/cli.ts', import.meta.url)
if (existsSync(source)) await import('../src/start/node-version.cjs')
await import(existsSync(source) ? source.href : new URL('../dist/src/cli.js', import.meta.url).href)
