// Passkeys need this script; everything else about signing in works without it. Texts come from data- attributes.

/** The server takes no older challenge than five minutes. */
const renewMilliseconds = 240_000

const passkeys = globalThis.PublicKeyCredential
// Browsers since 2025 read and write credentials as JSON.
if (passkeys?.parseRequestOptionsFromJSON) {
  for (const text of document.querySelectorAll('.no-passkey')) text.hidden = true
  document.querySelectorAll('[data-passkey]').forEach(offer)
  document.querySelectorAll('[data-passkeys]').forEach(reportKnown)
  document.querySelectorAll('[data-unknown-passkey]').forEach(reportUnknown)
}

/** A button of a form that asks for a passkey; `data-passkey` is what for: `create`, `get`, or `autofill`, which offers it too. */
function offer(place) {
  const { passkey: kind, options } = place.dataset
  const [failure, button] = place.children
  const { form } = button
  const { credential, remember } = form.elements
  let publicKey = JSON.parse(options)
  let renewAt = Date.now() + renewMilliseconds
  let renewing
  let running

  const ask = async (mediation) => {
    clearTimeout(renewing)
    running?.abort()
    running = new AbortController()
    const { signal } = running
    if (Date.now() >= renewAt) {
      const answer = await fetch(form.action, { headers: { accept: 'application/json' }, signal })
      publicKey = (await answer.json()).passkey
      renewAt = Date.now() + renewMilliseconds
    }
    const made =
      kind === 'create'
        ? await navigator.credentials.create({
            publicKey: passkeys.parseCreationOptionsFromJSON(publicKey),
            signal
          })
        : await navigator.credentials.get({
            publicKey: passkeys.parseRequestOptionsFromJSON(publicKey),
            mediation,
            signal
          })
    credential.value = JSON.stringify(made)
    if (remember) remember.disabled = !document.querySelector('[type="checkbox"][name="remember"]')?.checked
    form.submit()
  }
  /** The browser offers passkeys in the field for the name, for as long as the page is open. */
  const fillIn = async () => {
    if (kind !== 'autofill' || !(await passkeys.isConditionalMediationAvailable?.())) return
    ask('conditional').catch(() => {})
    renewing = setTimeout(fillIn, renewMilliseconds)
  }

  place.hidden = false
  button.addEventListener('click', () => {
    failure.hidden = true
    ask('optional').catch(({ name }) => {
      failure.hidden = false
      failure.textContent = name === 'InvalidStateError' ? failure.dataset.known : failure.dataset.failed
      fillIn()
    })
  })
  fillIn()
}

/** The browser hides passkeys that were removed here, and shows the present name beside the others. */
function reportKnown({ dataset }) {
  const { name, ...known } = JSON.parse(dataset.passkeys)
  passkeys.signalAllAcceptedCredentials?.(known).catch(() => {})
  passkeys.signalCurrentUserDetails?.({ ...known, name, displayName: name }).catch(() => {})
}

function reportUnknown({ dataset }) {
  passkeys.signalUnknownCredential?.(JSON.parse(dataset.unknownPasskey)).catch(() => {})
}
