#!/usr/bin/env node
import { existsSync } from 'node:fs'

// In a clone the source is run as it is; in the package there is only what was built from it.
const source = new URL('../src/cli.ts', import.meta.url)
const isClone = existsSync(source)
const start = new URL(isClone ? '../src/start/' : '../dist/src/start/', import.meta.url)
await import(new URL('node-version.cjs', start).href)
await import(new URL('compile-cache.cjs', start).href)
await import(isClone ? source.href : new URL('../dist/src/cli.js', import.meta.url).href)
