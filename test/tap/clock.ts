import { writeFileSync } from 'node:fs'

/*
 * In way (e) of five-ways/ this process and whatever it starts have a clock of their own, which libfaketime sets two
 * hours forward soon after the start: at one time for all, another test would meet it on each machine.
 */
const { SET_CLOCK_AFTER, FAKETIME_TIMESTAMP_FILE } = process.env
if (SET_CLOCK_AFTER && FAKETIME_TIMESTAMP_FILE) {
  const clock = `${FAKETIME_TIMESTAMP_FILE}-${process.pid}`
  writeFileSync(clock, '+0')
  // libfaketime asks for the name each time that it reads the file.
  process.env.FAKETIME_TIMESTAMP_FILE = clock
  delete process.env.SET_CLOCK_AFTER
  setTimeout(() => writeFileSync(clock, '+2h'), Number(SET_CLOCK_AFTER) * 1000).unref()
}
