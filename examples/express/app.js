const express = require('express')
const session = require('latchkey/express') // was: require('express-session')

const app = express()

app.use(express.urlencoded({ extended: true }))
app.use(
  session({
    secret: 'your-secret-key',
    resave: false,
    saveUninitialized: false,
    cookie: { secure: false }
  })
)

const users = { alice: 'alices-password', bob: 'bobs-password' }

app.get('/login', (_req, res) => {
  res.send(`<form method="post" action="/login">
    <input name="username" autocomplete="username" placeholder="Name">
    <input name="password" type="password" autocomplete="current-password" placeholder="Password">
    <button>Sign in</button>
  </form>`)
})

app.post('/login', (req, res) => {
  const { username, password } = req.body
  if (Object.hasOwn(users, username) && users[username] === password) {
    req.session.user = username
    res.redirect('/dashboard')
  } else {
    res.status(401).send('Wrong name or password')
  }
})

app.get('/dashboard', (req, res) => {
  if (!req.session.user) return res.redirect('/login')
  res.send(`Welcome, ${req.session.user}! <a href="/logout">Sign out</a>`)
})

app.get('/logout', (req, res, next) => {
  req.session.destroy((error) => {
    if (error) return next(error)
    res.redirect('/login')
  })
})

const port = process.env.PORT || 3000
app.listen(port, () => console.log(`Listening on http://localhost:${port}`))
