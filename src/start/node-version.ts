const needed = 24
const [major = ''] = process.versions.node.split('.')

// Imported before all else by code that other programs load: they run on their own Node, not on the one in
// node_modules.
if (Number(major) < needed) {
  throw new Error(`Latchkey needs Node ${needed} or newer, and this is Node ${process.versions.node}.`)
}
