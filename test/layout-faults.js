// Runs in a page, where it finds what does not fit.

/** A fraction of a pixel is nobody's fault. */
const slack = 1

/**
 * The page with one name of the site and each of some names of the person, wherever they are on it, and with the bar
 * that warns before the end of a session: what does not fit, and the place of the header, from the left and the top.
 * The first of each list is what the page has, and has again afterwards.
 */
globalThis.layoutsWith = ({ names, sites, site }) => {
  const places = []
  const faults = []
  const hideBar = showBar(document.querySelector('.ending'))
  rename(sites[0], site)
  for (const name of names) {
    rename(names[0], name)
    places.push(headerPlace())
    for (const fault of layoutFaults()) faults.push(`${name}: ${fault}`)
    rename(name, names[0])
  }
  rename(site, sites[0])
  hideBar()
  return { faults: [...new Set(faults)], places }
}

/** All that the bar can have at once. Pages for visitors have none. */
function showBar(bar) {
  if (!bar) return () => {}
  const parts = [bar, ...bar.children]
  const before = parts.map((part) => part.hidden)
  bar.firstElementChild.textContent = bar.dataset.soon
  for (const part of parts) part.hidden = false
  return () => {
    for (const [index, part] of parts.entries()) part.hidden = before[index]
  }
}

function rename(from, to) {
  // Writing the same text again would lay it out again.
  for (const node of textNodes()) if (node.data.includes(from)) node.data = node.data.replaceAll(from, to)
}

/** The brand, and the card below it. */
function headerPlace() {
  const brand = boxOf('.brand')
  return [brand.left, brand.top + scrollY, boxOf('main').top + scrollY].map(Math.round).join()
}

function layoutFaults() {
  return [...sidewaysFaults(), ...headerFaults(), ...textFaults(), ...buttonFaults()]
}

function sidewaysFaults() {
  const { scrollWidth } = document.documentElement
  return scrollWidth > innerWidth ? [`the page is ${scrollWidth} px wide`] : []
}

function headerFaults() {
  if (!document.querySelector('header nav')) return []
  const brand = boxOf('.brand')
  const nav = boxOf('header nav')
  const apart = brand.right <= nav.left || nav.right <= brand.left || nav.bottom <= brand.top + slack
  return [
    ...(apart ? [] : ['the brand and the name overlap']),
    ...(nav.top + scrollY < 0 ? ['the header begins above the page'] : [])
  ]
}

/** Text that leaves what it is in, and words that are broken though they fit a line. */
function textFaults() {
  return textNodes().flatMap((node) => {
    const rects = rectsOf(node, 0, node.length)
    return [...leavingFaults(node, rects), ...(linesOf(rects) > 1 ? wordFaults(node) : [])]
  })
}

function leavingFaults(node, rects) {
  const left = Math.min(...rects.map((rect) => rect.left)) + slack
  const right = Math.max(...rects.map((rect) => rect.right)) - slack
  const outside = ancestorsOf(node).find((element) => {
    const box = element.getBoundingClientRect()
    return left < box.left || right > box.right
  })
  if (!outside) return []
  // What ends with an ellipsis may, and a table that scrolls by itself.
  const { textOverflow, overflowX } = getComputedStyle(outside)
  if (textOverflow === 'ellipsis' || (overflowX === 'auto' && outside.tabIndex === 0)) return []
  return [`"${node.data.trim()}" leaves <${outside.localName}>`]
}

function wordFaults(node) {
  const room = roomOf(node.parentElement)
  // A line may end after a hyphen.
  return [...node.data.matchAll(/[^\s-]+-*/g)].flatMap(({ 0: word, index }) => {
    const rects = rectsOf(node, index, index + word.length)
    return linesOf(rects) > 1 && widthOf(rects) <= room ? [`"${word}" is broken`] : []
  })
}

/** Buttons with several lines though one is enough. */
function buttonFaults() {
  return [...document.querySelectorAll('button, .button')].flatMap((button) => {
    const lines = () => textNodes(button).flatMap((node) => rectsOf(node, 0, node.length))
    if (linesOf(lines()) < 2) return []
    const { style } = button
    style.whiteSpace = 'nowrap'
    const fits = widthOf(lines()) <= roomOf(button)
    style.whiteSpace = ''
    return fits ? [`the button "${button.textContent.trim()}" wraps`] : []
  })
}

function textNodes(root = document.body) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const nodes = []
  while (walker.nextNode()) if (/\S/.test(walker.currentNode.data)) nodes.push(walker.currentNode)
  return nodes
}

function ancestorsOf(node) {
  const ancestors = []
  for (let at = node.parentElement; at !== document.body; at = at.parentElement) ancestors.push(at)
  return ancestors
}

/** The longest line there could be: that of the card, the header or the bar, without the insides of what is between. */
function roomOf(element) {
  const frame = element.closest('main, header, .ending')
  let room = frame ? frame.clientWidth : innerWidth
  for (let at = element; at && at !== document.body; at = at.parentElement) {
    const style = getComputedStyle(at)
    if (style.display === 'inline') continue
    room -= sum(
      [style.paddingLeft, style.paddingRight, style.borderLeftWidth, style.borderRightWidth].map(
        Number.parseFloat
      )
    )
  }
  return room
}

function rectsOf(node, from, to) {
  const range = document.createRange()
  range.setStart(node, from)
  range.setEnd(node, to)
  return [...range.getClientRects()].filter(({ width }) => width > 0)
}

const boxOf = (selector) => document.querySelector(selector).getBoundingClientRect()
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0)
const widthOf = (rects) => sum(rects.map(({ width }) => width))
const linesOf = (rects) => new Set(rects.map(({ top }) => Math.round(top))).size
