import { together } from '../groups.ts'

await together('many-servers')
