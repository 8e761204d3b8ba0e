import { together } from '../groups.ts'

await together('stories-in-a-browser')
