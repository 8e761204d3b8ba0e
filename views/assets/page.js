// Every page works without this script; each part only adds something. Texts come from data- attributes.

const longestTimer = 2 ** 31 - 1
const warnMilliseconds = 120_000
const sendingMilliseconds = 10_000
/** The server comes back to no longer address: src/gate/return-link.ts. */
const longestReturn = 2048

document.querySelectorAll('[type="password"]').forEach(hintAtCapsLock)
document.querySelectorAll('[type="password"]').forEach(showOnRequest)
document.querySelectorAll('form').forEach(sendOnce)
document.querySelectorAll('[name="next"]').forEach(keepFragment)
document.querySelectorAll('time').forEach(tellLocalTime)
document.querySelectorAll('.ending').forEach(warnBeforeEnd)

/** A button beside a password that shows what is typed (ASVS 6.2.6). */
function showOnRequest(password) {
  const words = password.parentElement.dataset
  const button = document.createElement('input')
  button.type = 'button'
  button.setAttribute('aria-controls', password.id)
  const show = (shown) => {
    password.type = shown ? 'text' : 'password'
    button.value = shown ? words.hide : words.show
    button.setAttribute('aria-label', shown ? words.hideLabel : words.showLabel)
  }
  button.addEventListener('click', () => show(password.type === 'password'))
  // Sent as a password even while it is shown: browsers offer to save it and never suggest it as text.
  password.form.addEventListener('submit', () => show(false))
  // The back button shows the page as it was left.
  window.addEventListener('pageshow', () => show(false))
  show(false)
  password.after(button)
}

function hintAtCapsLock(password) {
  const hint = document.createElement('p')
  hint.className = 'hint'
  hint.setAttribute('role', 'status')
  password.parentElement.after(hint)
  const look = (event) => {
    const isOn = event.getModifierState?.('CapsLock') ?? false
    hint.textContent = isOn ? password.parentElement.dataset.capsLock : ''
  }
  password.addEventListener('keydown', look)
  password.addEventListener('keyup', look)
  password.addEventListener('blur', () => {
    hint.textContent = ''
  })
}

/** A second click before the answer has arrived sends nothing. */
function sendOnce(form) {
  let sentAt = Number.NEGATIVE_INFINITY
  const buttons = form.querySelectorAll('button')
  const release = () => {
    sentAt = Number.NEGATIVE_INFINITY
    for (const button of buttons) button.removeAttribute('aria-disabled')
  }
  form.addEventListener('submit', (event) => {
    if (Date.now() - sentAt < sendingMilliseconds) return event.preventDefault()
    sentAt = Date.now()
    for (const button of buttons) button.setAttribute('aria-disabled', 'true')
    setTimeout(release, sendingMilliseconds)
  })
  window.addEventListener('pageshow', release)
}

/** Browsers send no `#fragment`, but keep it through redirects: people come back to it, by the other page of sign-in too. */
function keepFragment(next) {
  const { hash } = location
  if (hash === '' || next.value.includes('#') || next.value.length + hash.length > longestReturn) return
  next.value += hash
  for (const link of document.querySelectorAll('main a'))
    if (link.origin === location.origin && link.hash === '') link.hash = hash
}

/** The server knows its own time zone, the browser knows the reader's. */
function tellLocalTime(time) {
  const { lang } = document.documentElement
  const locale = navigator.languages.find((tag) => tag.split('-')[0] === lang.split('-')[0]) ?? lang
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  time.textContent = format.format(new Date(time.dateTime))
}

/** Shortly before the session ends, the page offers to continue it; afterwards it says that it has ended. */
function warnBeforeEnd(bar) {
  const [text, stay, again] = bar.children
  const idle = bar.dataset.idle * 1000
  const last = Date.now() + bar.dataset.most * 1000
  // Of this service: others may be on the same host, under other paths.
  const others = new BroadcastChannel(`latchkey ${again.pathname}`)
  let end = 0
  let timer

  const look = () => {
    const left = end - Date.now()
    const warnAt = Math.min(warnMilliseconds, idle / 3)
    bar.hidden = left > warnAt
    stay.hidden = left <= 0 || end === last
    again.hidden = left > 0
    if (!bar.hidden)
      text.textContent = left > 0 ? bar.dataset.soon.replace('{when}', inWords(left)) : bar.dataset.over
    clearTimeout(timer)
    if (left > 0)
      timer = setTimeout(look, Math.min(left > warnAt ? left - warnAt : nextWord(left), longestTimer))
  }
  const used = () => {
    end = Math.min(Date.now() + idle, last)
    look()
  }
  stay.addEventListener('click', async () => {
    const answer = await fetch(again.href, { headers: { accept: 'application/json' } })
    const { user } = await answer.json()
    if (user) others.postMessage('used')
    else end = 0
    if (user) used()
    else look()
  })
  // Another page of this site was opened or continued the session.
  others.addEventListener('message', used)
  document.addEventListener('visibilitychange', look)
  others.postMessage('used')
  used()
}

function inWords(milliseconds) {
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang)
  const minutes = Math.round(milliseconds / 60_000)
  return minutes >= 1
    ? format.format(minutes, 'minute')
    : format.format(Math.ceil(milliseconds / 1000), 'second')
}

/** Until there is another message. */
function nextWord(left) {
  return left > 60_000 ? left - 60_000 : left
}
