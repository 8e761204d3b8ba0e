import { together } from '../groups.ts'

await together('failing-storage')
