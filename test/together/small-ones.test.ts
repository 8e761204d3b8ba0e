import { together } from '../together.ts'

await together('small-ones')
