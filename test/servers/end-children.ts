/*
 * Ends the processes that a test started when the test's own ends, however that ends: Ctrl-C, tap's timeout, kill -9.
 * A server that stays takes memory and a port for ever. Load it before the first process is started.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import type { Writable } from 'node:stream'

/**
 * Reads lines `+ID` and `-ID` of processes that began and ended. Its input ends with the test's process; then it asks
 * those that are left, and what they started, to end. Five seconds later it makes them.
 */
const shell = `
trap '' INT HUP TERM
left=' '
while read -r sign id; do
  case "$sign$left" in
    +*) left="$left$id " ;;
    -*" $id "*) left="\${left%%" $id "*} \${left#*" $id "}" ;;
  esac
done
started_by() { ps -A -o pid= -o ppid= | awk -v all="$1" '
  { parent[$1] = $2 }
  END {
    count = split(all, ids, " ")
    for (i in ids) wanted[ids[i]] = 1
    do {
      more = 0
      for (id in parent) if (!(id in wanted) && parent[id] in wanted) { wanted[id] = 1; more = 1 }
    } while (more)
    for (id in wanted) if (id in parent) printf "%s ", id
  }'
}
all=$(started_by "$left")
[ -n "$all" ] || exit 0
kill $all
kill -s CONT $all
any_left() { for id in $all; do kill -0 "$id" && return; done; return 1; }
for second in 1 2 3 4 5; do
  sleep 1
  any_left || exit 0
done
kill -s KILL $all
`

let watcher: Writable | undefined
let starting = false

/** Its own shell is the only process that nobody watches. */
function startWatcher(): Writable {
  starting = true
  const child = spawn('sh', ['-c', shell], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' })
  starting = false
  child.unref()
  const input = child.stdin
  // Nobody is left to tell.
  input.on('error', () => {})
  Reflect.get(input, 'unref')?.call(input)
  return input
}

function watch(child: ChildProcess): void {
  child.once('spawn', () => {
    watcher ??= startWatcher()
    watcher.write(`+ ${child.pid}\n`)
  })
  child.once('exit', () => watcher?.write(`- ${child.pid}\n`))
}

// There is no sh on Windows.
if (process.platform !== 'win32') {
  subscribe('child_process', (message) => {
    if (!starting) watch((message as { process: ChildProcess }).process)
  })
}
