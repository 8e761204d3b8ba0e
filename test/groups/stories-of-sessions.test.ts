import { together } from '../groups.ts'

await together('stories-of-sessions')
