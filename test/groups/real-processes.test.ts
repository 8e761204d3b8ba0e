import { together } from '../groups.ts'

await together('real-processes')
