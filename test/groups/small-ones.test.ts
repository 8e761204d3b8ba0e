import { together } from '../groups.ts'

await together('small-ones')
