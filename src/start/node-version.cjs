// Plain JavaScript that an old Node can read: it is loaded before all else, also by code that other programs load, which run
// on their own Node, not on the one in node_modules.
const needed = 24
const { node } = process.versions

if (Number.parseInt(node, 10) < needed) {
  const error = new Error(`Latchkey needs Node ${needed} or newer, and this is Node ${node}.`)
  // Where it was noticed says nothing.
  error.stack = String(error)
  throw error
}
