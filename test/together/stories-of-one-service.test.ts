import { together } from '../together.ts'

await together('stories-of-one-service')
