const needed = 24
const [major = ''] = process.versions.node.split('.')

// Imported before all else by what other programs load: they run on their own Node, not on the one that comes along.
if (Number(major) < needed) {
  throw new Error(`Latchkey needs Node ${needed} or newer, and this is Node ${process.versions.node}.`)
}
