// A button beside each password that shows what is typed (ASVS 6.2.6). Without this file the form works as well.
for (const password of document.querySelectorAll('.password > input')) {
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
  // Sent as a password whatever it looked like: browsers offer to keep it and never suggest it as text.
  password.form.addEventListener('submit', () => show(false))
  // The back button brings the page as it was left.
  window.addEventListener('pageshow', () => show(false))
  show(false)
  password.after(button)
}
