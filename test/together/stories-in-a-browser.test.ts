import { together } from '../together.ts'

await together('stories-in-a-browser')
