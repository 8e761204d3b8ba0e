/**
 * All texts of the pages, and the pattern for other languages: a missing text or another {parameter} is a
 * type error or fails a test. {count} chooses the plural form.
 */
export default {
  layout: {
    /** Printed instead of the page. */
    paper: 'This page is private, so it is not printed.',
    signOut: 'Sign out'
  },
  home: {
    title: 'Welcome',
    hello: 'Hello, {name}',
    signedIn: 'You are signed in.',
    toDashboard: 'Go to the dashboard',
    running: '{site} is running',
    noAccount: 'There is no account yet. Create the first one and sign in.',
    createFirst: 'Create the first account',
    firstByLink:
      'There is no account yet. If this is your site, open the link to the first account that it printed when it started.',
    signInToGoOn: 'Sign in to continue.',
    signIn: 'Sign in',
    newHere: 'New here?',
    register: 'Create an account'
  },
  login: {
    title: 'Sign in',
    name: 'Name or e-mail',
    password: 'Password',
    signedOut: 'You are signed out.',
    remember: 'Stay signed in on this device',
    signIn: 'Sign in',
    forgot: 'Forgot your password?',
    forgotAsk: 'Forgot your password? Ask whoever runs this site.',
    newHere: 'New here?',
    register: 'Create an account'
  },
  forgot: {
    title: 'Forgot your password?',
    what: 'Enter your name or e-mail. If you have an account here with a confirmed address, we mail you a link to choose a new password.',
    name: 'Name or e-mail',
    send: 'Send the link',
    back: 'Back to signing in'
  },
  forgotSent: {
    title: 'Check your mail',
    what: 'If there is such an account and its address is confirmed, a link to choose a new password is on its way. It works once, for 30 minutes. If you asked a few minutes ago, that link still works, and there is no second mail.',
    none: 'Nothing there? Look into the spam folder too. If you have no confirmed address here, ask whoever runs this site.'
  },
  loginCode: {
    title: 'Enter a code',
    signingIn: 'You are signing in as {name}.',
    code: 'Code from your app, or a recovery code',
    codeOnly: 'Code from your app',
    recoveryOnly: 'Recovery code',
    signIn: 'Sign in',
    startOver: 'Sign in as somebody else',
    recoveryClosed:
      'Too many recovery codes were wrong, so none works any more. Use a code from your app or a passkey.'
  },
  loginSetup: {
    title: 'Set up a second step',
    why: 'You are signing in as {name}. A password alone is not enough here: set up one of these, and you are in.',
    passkey: 'Or a passkey',
    none: 'This site asks for a second step and offers none. Ask whoever runs it.',
    done: 'The second step has been set up, and you are signed in.'
  },
  recoveryCode: {
    title: 'Your new recovery code',
    used: 'You have used a recovery code, and it does not work again. This one takes its place:',
    store: 'Store it with the others now. It is shown this once.',
    onward: 'Continue'
  },
  passkey: {
    signIn: 'Sign in with a passkey',
    use: 'Use a passkey',
    failed: 'No passkey was used. Try again.',
    known: 'This device has a passkey of yours already.'
  },
  register: {
    title: 'Create an account',
    first: 'It is the first one here, and will be the administrator’s.',
    name: 'Name or e-mail',
    onlyName: 'Name',
    email: 'E-mail address',
    emailOptional: 'E-mail address (optional)',
    emailHint:
      'We mail you a link that confirms it. Then you can sign in with it too, and choose a new password if you forget yours.',
    sentTo: 'To confirm {address}, open the link that we have just mailed there.',
    notSentTo:
      'Your account is there. We could not mail a link to {address} now: enter it again later, under “Your account”.',
    password: 'Password',
    passwordHint:
      '{least} characters or more. A few words in a row work well, or let your browser suggest one.',
    create: 'Create account',
    haveAccount: 'Have an account?',
    signIn: 'Sign in'
  },
  registerAddress: {
    title: 'Create an account',
    what: 'Enter your e-mail address. We mail you a link, and there you choose a name and a password.',
    send: 'Send link',
    choose: 'Choose a name and a password for your account. Its address is {address}.',
    only: 'Accounts are created by a link that we mail you. Send only your address.'
  },
  registerSent: {
    title: 'Check your mail',
    what: 'A mail is on its way to the address that you entered. If nobody has an account with it yet, you find a link there to create one. It works once, for 72 hours. If you asked a few minutes ago, that link still works, and there is no second mail.',
    none: 'Nothing there? Look into the spam folder too, and check whether you typed the address correctly.'
  },
  invitation: {
    title: 'Welcome to {site}',
    what: 'You are invited. Choose a name and a password for your account. Its address is {address}.',
    admin: 'You will be an administrator.',
    name: 'Name or e-mail',
    password: 'Password',
    create: 'Create account'
  },
  invitationDone: {
    title: 'Your account is ready',
    what: 'Your name here is {name}. Sign in with it and the password that you have just chosen.',
    signIn: 'Sign in'
  },
  reset: {
    title: 'Choose a new password',
    what: 'For the account {name}, which is signed out everywhere then.',
    andFactors:
      'Its codes from an app, passkeys and recovery codes are removed too, so sign in soon and set them up again.',
    password: 'New password',
    choose: 'Set password'
  },
  resetDone: {
    title: 'Your new password is set',
    what: 'You are signed out everywhere. Sign in with the new password.',
    withFactors: 'You also need your second way to sign in, as before: a code, a passkey or a recovery code.',
    withoutFactors:
      'Codes from an app, passkeys and recovery codes of this account were removed. Set them up again once you are signed in.',
    signIn: 'Sign in'
  },
  dashboard: {
    title: 'Dashboard',
    hello: 'Hello, {name}',
    signedIn: 'You are signed in. Only people who are signed in can see this page.',
    toAccount: 'Your account'
  },
  account: {
    back: 'Back to your account',
    keep: 'Leave everything as it is',
    overview: {
      title: 'Your account',
      name: 'Name',
      since: 'Created',
      role: 'Role',
      admin: 'Administrator',
      signingIn: 'Signing in',
      aboutSigningIn: 'How you sign in, and the browsers in which you are signed in.',
      toName: 'Change your name',
      email: 'E-mail',
      toEmail: 'Your e-mail address',
      toPassword: 'Change your password',
      toSecurity: 'Security: codes and passkeys',
      toSessions: 'Where you are signed in',
      events: 'Activity',
      aboutEvents: 'Sign-ins and changes, so that you notice what was not you.',
      toTokens: 'Tokens for programs',
      toActivity: 'Recent activity',
      deletion: 'Deletion',
      aboutDeletion: 'You are signed out everywhere, and your account is deleted for good.',
      toRemove: 'Delete your account'
    },
    email: {
      title: 'Your e-mail address',
      none: 'Your account has no address. With one you can choose a new password when you have forgotten yours, and you are told when something happens to your account.',
      present: 'Mails about your account go to {address}. You can sign in with it, too.',
      since: 'Confirmed',
      failed: 'The last mail to {address} could not be delivered. {error}',
      waiting:
        'We have sent a link to {address}. Once you have opened it, that is your address. The link works until {until}.',
      new: 'New address',
      sends: 'We send you a link to it. Until you have opened the link, nothing changes.',
      send: 'Send the link',
      toRemove: 'Remove the address',
      removed: 'Your address has been removed.',
      confirmed: 'Your address is {address} now.',
      undone: 'The address is back. Choose a new password now.',
      notBack: 'Another account has the address by now, so this one has none. Choose a new password now.'
    },
    removeEmail: {
      title: 'Remove your address?',
      what: 'You get no mail any more, and nobody can send you a link when you have forgotten your password. For seven days you are still told what happens to your account.',
      remove: 'Remove the address'
    },
    confirmEmail: {
      title: 'Confirm your address',
      what: 'Mails about the account {name} will go to {address}.',
      confirm: 'Confirm the address'
    },
    undoEmail: {
      title: 'Take the change back',
      what: 'The account {name} gets the address {address} back. Everybody is signed out of it, and you choose a new password.',
      undo: 'Take it back'
    },
    password: {
      title: 'Change your password',
      what: 'You will be signed out everywhere else.',
      current: 'Current password',
      new: 'New password',
      change: 'Change password',
      changed: {
        one: 'Your password has been changed. One other session has been ended.',
        other: 'Your password has been changed. {count} other sessions have been ended.'
      },
      changedMany: 'Your password has been changed. More than {count} other sessions have been ended.'
    },
    name: {
      title: 'Change your name',
      what: 'You sign in with the new name from then on, and stay signed in everywhere. Nobody else can take {name} for 30 days, and you can take it back.',
      name: 'New name or e-mail',
      onlyName: 'New name',
      password: 'Your password',
      change: 'Change name',
      changed: 'You are called {name} now.'
    },
    security: {
      title: 'Security',
      isOff:
        'At present your password is all it takes to sign in as you. With one of these, somebody who learns your password still cannot.',
      isOn: 'Your password alone is not enough to sign in as you.',
      since: 'Added',
      used: 'Last used',
      never: 'Never',
      app: 'Authenticator app',
      aboutApp:
        'An app on your phone that shows a new code every half minute. You type it after your password.',
      addApp: 'Set up an authenticator app',
      renewApp: 'Set it up on another phone',
      removeApp: 'Remove the authenticator app',
      lastNeeded:
        'Here your account needs more than a password. Set up another app or passkey before you remove this one.',
      noApp: 'Whoever runs this site has not switched these codes on.',
      appClosed:
        'There were too many wrong codes, so none from this app is accepted any more. Set it up again.',
      passkeys: 'Passkeys',
      aboutPasskeys:
        'A passkey is in your phone, computer or security key. You use it with your fingerprint, your face or a PIN, without a password, and no fake site can get it out of you.',
      addPasskey: 'Add a passkey',
      noPasskeys:
        'There can be no passkeys at this address. Whoever runs this site has to give it a name and https.',
      elsewhere: 'It was made for {domain} and does not work here. Remove it, and add another one.',
      copies: 'Where',
      synced: 'On all devices of its password manager',
      single: 'On one device',
      change: 'Rename or remove',
      recovery: 'Recovery codes',
      aboutRecovery: 'Each signs you in once, after your password, when you have lost everything else.',
      recoveryLeft: { one: '{count} code is left.', other: '{count} codes are left.' },
      recoveryClosed: 'There were too many wrong codes, so none is accepted any more. Make new ones.',
      newRecovery: 'Make new recovery codes',
      protect: 'Keep them safe',
      howToProtect:
        'Lock your phone and your computer with a PIN, a fingerprint or your face, and keep a security key and your recovery codes where you keep your house keys. Nobody has to know a code but you: whoever asks you for one wants to sign in as you.',
      whenLost: 'If one of them is lost or stolen, remove it on this page, and end the sessions that it has.',
      advice: {
        recovery: 'You have few recovery codes left: make new ones.',
        second:
          'Add a second passkey or an authenticator app, so that you can sign in when you lose the first.',
        passkey: 'Add a passkey: it is quicker than a code, and no fake site can get it out of you.'
      },
      notices: 'Mail about sign-ins',
      noticesSent:
        'You get a mail to {address} when somebody signs in as you in a browser that you have not used here before.',
      noticesNotSent:
        'You get no mail when somebody signs in as you in another browser. Other changes of your account are always mailed.',
      stopNotices: 'Send none',
      sendNotices: 'Send it',
      noticesOn: 'You get a mail about sign-ins in other browsers.',
      noticesOff: 'You get no mail about sign-ins any more.',
      endsOthers: 'You will be signed out everywhere else.',
      codesRemoved: 'The authenticator app has been removed.',
      codesAdded: 'The authenticator app has been set up.',
      passkeyAdded: 'The passkey “{name}” has been added.',
      passkeyRenamed: 'The passkey is called “{name}” now.',
      passkeyRemoved: 'The passkey “{name}” has been removed.'
    },
    authenticatorApp: {
      title: 'Set up an authenticator app',
      scan: 'Scan this picture with the app. Any authenticator app will do; many password managers have one.',
      picture: 'QR code for an authenticator app',
      type: 'Or type this key into the app:',
      replaces: 'The app that you have set up here before will no longer work.',
      code: 'The code that the app shows now',
      add: 'Set up',
      wrongCode: 'That is not the code of this picture. Scan it again, or wait for the next code.'
    },
    securityQuestion: {
      title: 'Are you sure?'
    },
    removeApp: {
      question: 'Remove the authenticator app?',
      what: 'Its codes will no longer sign you in, and you will be signed out everywhere else.',
      remove: 'Remove it'
    },
    recoveryCodes: {
      title: 'Your recovery codes',
      what: 'Print them, or store them where you find them without your phone. Each signs you in once, after your password, when you have lost everything else.',
      once: 'They are of {name} at {site}. This page cannot be opened again.',
      kept: 'I have stored them',
      made: 'There are new recovery codes. Those of before do not work any more.'
    },
    newRecoveryCodes: {
      question: 'Make new recovery codes?',
      what: 'You get ten. Those that you have now will no longer work.',
      make: 'Make new ones'
    },
    newPasskey: {
      title: 'Add a passkey',
      what: 'Your browser asks where to keep it: in this device, in your phone or in a security key.',
      add: 'Add a passkey',
      unable: 'Your browser cannot make passkeys: it is too old, or JavaScript is switched off.'
    },
    passkey: {
      title: 'Passkey',
      name: 'Name',
      rename: 'Rename',
      removal: 'Removal',
      aboutRemoval: 'It will no longer sign you in, and you will be signed out everywhere else.',
      aboutLastRemoval:
        'It will no longer sign you in, and you will be signed out everywhere else. Your password alone is enough then.',
      remove: 'Remove this passkey',
      back: 'Back to security',
      badName: 'A name has 1 to {longest} characters.'
    },
    removePasskey: {
      question: 'Remove the passkey “{name}”?',
      remove: 'Remove it'
    },
    device: {
      both: '{browser} on {system}',
      unknown: 'Unknown browser'
    },
    sessions: {
      title: 'Where you are signed in',
      what: 'If you do not recognise one of these, end it and change your password.',
      here: 'You are here.',
      address: 'From',
      signedIn: 'Signed in',
      seen: 'Last seen',
      end: 'End this session',
      total: { one: 'One session.', other: '{count} sessions.' },
      many: 'More than {count} sessions.',
      none: 'There are no more sessions here.',
      pages: 'Pages',
      previous: 'Used more recently',
      next: 'Used less recently',
      evicted: {
        one: 'You were signed in at more places than this site allows, so one session has been ended.',
        other: 'You were signed in at more places than this site allows, so {count} sessions have been ended.'
      },
      endOthers: 'End all others',
      endAll: 'Sign out everywhere'
    },
    tokens: {
      title: 'Tokens for programs',
      what: 'With a token a program can use an app in your name, without your password. End each one that you do not need.',
      none: 'You have no tokens.',
      new: 'Make a token',
      end: 'End this token',
      hosts: 'For',
      api: 'the API of this site',
      made: 'Made',
      until: 'Valid until',
      expired: 'It has expired.',
      used: 'Last used',
      unused: 'Not used yet'
    },
    newToken: {
      title: 'Make a token',
      what: 'Give each program a token of its own: then you can end it without touching the others.',
      name: 'What is it for?',
      hosts: 'Apps that it is good for, separated by spaces',
      api: 'Good for the API of this site too, for what needs no password',
      apiAlone: 'Good for the API of this site, for what needs no password',
      days: 'For how many days?',
      make: 'Make token'
    },
    tokenMade: {
      title: 'Your new token',
      what: 'Copy it to the program now. It is shown this once:',
      how: 'Where a program asks for a name and a password, enter {name} and the token.',
      onward: 'Continue'
    },
    endToken: {
      title: 'End a token',
      question: 'End the token {name}?',
      what: 'The program that has it is refused from then on.',
      end: 'End token',
      done: 'The token has been ended.',
      wasOver: 'That token was ended before.'
    },
    endSession: {
      title: 'End a session',
      question: 'End this session?',
      what: 'Whoever uses it has to sign in again.',
      end: 'End the session',
      done: 'The session has been ended.',
      wasOver: 'That session had already ended.'
    },
    endOthers: {
      title: 'End all other sessions?',
      what: {
        one: 'There is one other session. Whoever uses it has to sign in again; you stay signed in here.',
        other:
          'There are {count} other sessions. Whoever uses them has to sign in again; you stay signed in here.'
      },
      many: 'There are at least {count} other sessions. Whoever uses them has to sign in again; you stay signed in here.',
      end: 'End all others',
      done: { one: 'One other session has been ended.', other: '{count} other sessions have been ended.' },
      doneMany: 'More than {count} other sessions have been ended.'
    },
    endAll: {
      title: 'Sign out everywhere?',
      what: 'All sessions will end, including this one. You will have to sign in again.',
      end: 'Sign out everywhere',
      tokens: {
        one: 'End the token of a program too',
        other: 'End the {count} tokens of programs too'
      }
    },
    activity: {
      title: 'Recent activity',
      what: 'If any of this was not you, change your password.',
      by: 'by {name}',
      administrator: 'the administrator {name}',
      commandLine: 'whoever runs this site',
      signIn: 'Signed in',
      signInRefused: 'A wrong password',
      signInThrottled: 'Too many wrong passwords',
      secondFactorAsked: 'The right password, and then a second factor was asked for',
      proof: 'Password confirmed',
      signOut: 'Signed out',
      registration: 'Account created',
      passwordChange: 'Password changed',
      sessionEnd: 'Another session ended',
      sessionsEnd: 'Other sessions ended',
      sessionEvict: 'A session ended, because there were too many',
      accountDisable: 'Account disabled',
      accountEnable: 'Account enabled',
      accountOpen: 'Opened again after too many wrong passwords or codes',
      accountRemove: 'Account deleted',
      accountRename: 'Name changed',
      addressChange: 'E-mail address changed',
      addressUndo: 'Change of the e-mail address taken back',
      roleChange: 'Role changed',
      gateRefused: 'An app that is not open to you',
      mailFailed: 'A mail to you could not be delivered',
      accountsImport: 'Accounts imported',
      codeAdd: 'Codes from an authenticator app set up',
      codeRemove: 'Codes from an authenticator app switched off',
      codeRefused: 'A wrong code, after the right password',
      passkeyAdd: 'Passkey added',
      passkeyRename: 'Passkey renamed',
      passkeyRemove: 'Passkey removed',
      passkeyRefused: 'A passkey was refused',
      passkeyCopied: 'A passkey may have been copied',
      recoveryCodesMake: 'New recovery codes made',
      recoveryCodeUse: 'Recovery code used',
      factorsDrop: 'Second factors removed',
      linkMake: 'Link for a new password made',
      linkUse: 'Password chosen by a link',
      resetRequest: 'Asked for a link to choose a new password',
      invitationMake: 'Somebody was invited',
      invitationUse: 'Account created by an invitation',
      invitationWithdraw: 'An invitation was withdrawn',
      groupAdd: 'Group made',
      groupRemove: 'Group removed',
      groupJoin: 'Added to a group',
      groupLeave: 'Removed from a group',
      tokenMake: 'Token made',
      tokenEnd: 'Token ended',
      tokensEnd: 'All tokens ended'
    },
    remove: {
      title: 'Delete your account?',
      what: 'The account {name} will be deleted, and you will be signed out everywhere. This cannot be undone, and anybody can then take the name.',
      only: 'It is the only account. The next start of the service shows a link to create the first one again.',
      remove: 'Delete my account',
      keep: 'Keep it'
    },
    removed: {
      title: 'Your account has been deleted',
      what: 'You are signed out everywhere. Goodbye!'
    }
  },
  /** Mails, each from a view in views/mail/. A text that ends with a colon is followed by an address. */
  mail: {
    hello: 'Hello {name},',
    helloUnknown: 'Hello,',
    at: 'When: {at}',
    where: 'Where: {device}, IP address {address}',
    by: 'Who: {who}',
    reason: 'Why: {reason}',
    administrator: 'the administrator {name}',
    operator: 'whoever runs this site',
    ifYou: 'If that was you, there is nothing to do.',
    ifNotYou: 'If it was not you, choose a new password now. That also signs everybody out of your account:',
    ifNotAsked: 'If you did not expect this, ask whoever runs {site}.',
    linkOnce: 'The link works once, until {until}.',
    isLast:
      'There were several such mails within a few hours, so the next ones of this kind are not sent. All that happens is here:',
    ignore: 'If you did not ask for this, there is nothing to do: without the link nothing happens.',
    reset: {
      subject: 'A new password for {site}',
      what: 'Somebody has asked for a new password for your account at {site}. If that was you, choose one here:',
      byOther:
        'An administrator of {site} sends you a link to choose a new password for your account. Choose it here:',
      factors: 'Whatever else you sign in with, such as a code or a passkey, stays as it is.',
      ignore: 'If it was not you, there is nothing to do: without the link your password stays as it is.'
    },
    confirmAddress: {
      subject: 'Please confirm your address for {site}',
      what: 'Somebody has entered this address for an account at {site}. If that was you, confirm it here:'
    },
    addressChanged: {
      subject: 'The address of your account at {site} was changed',
      what: 'Your account at {site} no longer has this address: another one took its place, or it was removed.',
      told: 'For seven days we still tell you here what changes in your account.',
      undo: 'If it was not you, take it back. That signs everybody out of your account, and you choose a new password:'
    },
    addressTaken: {
      subject: 'You already have an account at {site}',
      what: 'Somebody has entered this address for an account at {site}. But you already have one, which is called {name}. Sign in here:',
      forgot: 'If you have forgotten your password:',
      ignore: 'If it was not you, there is nothing to do.'
    },
    registration: {
      subject: 'Create your account at {site}',
      what: 'Somebody wants to create an account at {site} with this address. If that was you, go on here:'
    },
    invitation: {
      subject: 'Your invitation to {site}',
      what: 'You have been invited to {site}. Choose a name and a password here:',
      by: 'The invitation is from {name}.',
      ignore: 'If you do not want an account, there is nothing to do.'
    },
    signIn: {
      subject: 'New sign-in to {site}',
      what: 'Somebody signed in to your account at {site} in a browser that was not used for it before.',
      off: 'You can turn these mails off:'
    },
    passwordChanged: {
      subject: 'Your password for {site} was changed',
      what: 'The password of your account at {site} was changed.',
      byLink: 'The password of your account at {site} was chosen anew, through a link.'
    },
    nameChanged: {
      subject: 'Your name at {site} was changed',
      what: 'Your account at {site}, which was called {former}, is called {name} now. Sign in with the new name.'
    },
    factorAdded: {
      subject: 'A new way to sign in to {site}',
      codes: 'An authenticator app was set up for your account at {site}. Its codes can be used to sign in.',
      passkey: 'The passkey “{passkey}” was added to your account at {site}.',
      remove:
        'If it was not you, choose a new password now, and remove what is not yours. Here are all ways to sign in:',
      locked: 'If you cannot sign in any more, ask whoever runs {site}.'
    },
    factorRemoved: {
      subject: 'A way to sign in to {site} was removed',
      codes:
        'The authenticator app was removed from your account at {site}. Its codes do not count any more.',
      passkey: 'The passkey “{passkey}” was removed from your account at {site}.'
    },
    recoveryCodeUsed: {
      subject: 'A recovery code for {site} was used',
      what: 'A recovery code of your account at {site} was used. Another one was shown in its place.'
    },
    recoveryCodesMade: {
      subject: 'New recovery codes for {site}',
      what: 'New recovery codes were made for your account at {site}. The former ones do not count any more.'
    },
    factorsDropped: {
      subject: 'Your password alone opens your account at {site}',
      what: 'The codes, passkeys and recovery codes of your account at {site} were removed. Sign in with your password, and set them up again:'
    },
    linkMade: {
      subject: 'A link for a new password for {site}',
      what: 'A link was made by which somebody can choose a new password for your account at {site}. It works once, until {until}.',
      andFactors: 'It also removes the codes, passkeys and recovery codes of the account.',
      ifNotAsked: 'If you did not ask for one, ask whoever runs {site} who got it.'
    },
    codesRefused: {
      subject: 'Your password for {site} was right, the code was not',
      sessionSubject: 'Wrong codes for your account at {site}',
      what: 'Somebody entered the right password of your account at {site}, and then a code that was wrong. Nobody was signed in.',
      session:
        'Somebody who is signed in to your account at {site} entered several wrong codes. They have to wait before they can try again.',
      ifYou: 'If that was you, there is nothing to do: try again with the next code.',
      ifNotYou:
        'If it was not you, somebody knows your password. Choose a new one now, and do so wherever else you use it:'
    },
    codesClosed: {
      subject: 'Your codes for {site} do not count any more',
      app: 'There were too many wrong codes for your account at {site}, so none from your authenticator app is accepted any more. Sign in with a passkey or a recovery code, and set the app up again:',
      recovery:
        'There were too many wrong recovery codes for your account at {site}, so none is accepted any more. Sign in with your app or a passkey, and make new ones:'
    },
    tokenMade: {
      subject: 'A new token for your account at {site}',
      what: 'The token “{token}” was made for your account at {site}. Until {until} a program that has it can act in your name.',
      ifNotYou: 'If it was not you, choose a new password now, and end the token here:'
    },
    tokenEnded: {
      subject: 'A token of your account at {site} was ended',
      subjectAll: 'All tokens of your account at {site} were ended',
      what: 'The token “{token}” of your account at {site} was ended. Programs that have it cannot act in your name any more.',
      all: 'All tokens of your account at {site} were ended. Programs that have one cannot act in your name any more.'
    },
    roleChanged: {
      subject: 'Your role at {site} was changed',
      admin: 'You are an administrator of {site} now. You were signed out everywhere: sign in again.',
      user: 'You are no longer an administrator of {site}. You were signed out everywhere: sign in again.'
    },
    accountDisabled: {
      subject: 'Your account at {site} was disabled',
      what: 'Your account at {site} was disabled. You are signed out everywhere, and cannot sign in. Nothing was deleted.'
    },
    accountEnabled: {
      subject: 'You can sign in to {site} again',
      what: 'Your account at {site} was disabled, and is enabled again. You can sign in as before:'
    },
    administered: {
      signedOut: 'You were signed out of {site}',
      everywhere: 'You were signed out of your account at {site} everywhere. You can sign in again.',
      oneBrowser: 'You were signed out of your account at {site} in one browser. You can sign in again.',
      opened: 'You can try again to sign in to {site}',
      openedWhat:
        'Wrong passwords and codes for your account at {site} are forgotten. Sign in as before with the right ones.',
      joined: 'You are in another group at {site}',
      joinedWhat: 'Your account at {site} was put into the group “{group}”.',
      left: 'You are no longer in a group at {site}',
      leftWhat: 'Your account at {site} was taken out of the group “{group}”.'
    },
    accountRemoved: {
      subject: 'Your account at {site} was removed',
      what: 'Your account at {site} was removed for good. This is the last mail about it.',
      notYou: 'If it was not you, ask whoever runs {site}.'
    },
    test: {
      subject: 'Mail from {site} arrives',
      what: 'Whoever runs {site} has sent this to see whether its mail arrives. It does. There is nothing to do.'
    }
  },
  /** The pages of administrators. */
  admin: {
    pages: 'Administration',
    toPeople: 'Accounts',
    toActivity: 'What happened',
    toStatus: 'How it is doing',
    done: 'Done.',
    wasOver: 'That had ended before.',
    changed: 'Nothing was done: the account has changed since you were asked. Look again.',
    people: {
      title: 'Accounts',
      find: 'How the name or the address begins',
      search: 'Search',
      order: 'Order',
      byName: 'By name',
      byCreated: 'Newest first',
      byLastSignIn: 'Last signed in first',
      none: 'No name and no address begins with “{text}”.',
      noneYet: 'None of the accounts that were looked at. Go on.',
      noMore: 'There are no more accounts.',
      first: 'First page',
      previous: 'Previous page',
      next: 'Next page'
    },
    person: {
      title: 'Account',
      own: 'This is your own account. What is missing here you find under your name above, or another administrator does it.',
      isDisabled: 'This account is disabled: nobody can sign in to it.',
      closedToAll: 'After too many wrong passwords nobody can sign in to it until you open it again.',
      closedToNew:
        'After too many wrong passwords nobody can sign in to it in a browser that it was not used in before, until you open it again.',
      id: 'Id',
      role: 'Role',
      admin: 'Administrator',
      user: 'User',
      disabled: 'Disabled',
      email: 'Address',
      since: 'Created',
      signedIn: 'Last sign-in',
      seen: 'Last seen',
      never: 'Never',
      disabledAt: 'Disabled since',
      wrong: 'Wrong passwords in a row',
      sessions: 'Sessions',
      noSessions: 'Signed in nowhere.',
      factors: 'Second factors',
      noFactors: 'None: the password alone signs in.',
      codesClosed: 'There were too many wrong codes, so none is accepted any more.',
      passkey: 'Passkey',
      recoveryLeft: { one: '{count} recovery code is left.', other: '{count} recovery codes are left.' },
      recoveryClosed: 'There were too many wrong recovery codes, so none is accepted any more.',
      groups: 'Groups',
      noGroups: 'In no group.',
      tokens: 'Tokens for programs',
      activity: 'Recent activity',
      allActivity: 'All activity',
      danger: 'What takes something away'
    },
    action: {
      title: 'Are you sure?',
      reason: 'Reason',
      reasonIfAny: 'Reason, if there is one',
      aboutReason: 'Whom it concerns can read it in their activity.'
    },
    endSession: {
      question: 'End this session of {name}?',
      what: 'Whoever uses it has to sign in again.',
      act: 'End this session'
    },
    endSessions: {
      question: 'Sign {name} out everywhere?',
      what: 'All sessions end. Tokens of programs stay.',
      act: 'Sign out everywhere'
    },
    open: {
      question: 'Open the account {name} again?',
      what: 'Wrong passwords and wrong codes are forgotten.',
      act: 'Forget wrong passwords and codes'
    },
    enable: {
      question: 'Enable the account {name}?',
      what: 'Its owner can sign in again. Wrong passwords are forgotten.',
      act: 'Enable the account'
    },
    disable: {
      question: 'Disable the account {name}?',
      what: 'It is signed out everywhere, and nobody can sign in to it until it is enabled.',
      act: 'Disable the account'
    },
    mailLink: {
      question: 'Mail {name} a link for a new password?',
      what: 'The link goes to the address of the account, and works once, for 30 minutes. At most one goes out in 20 minutes.',
      act: 'Mail a link for a new password'
    },
    link: {
      question: 'Make a link for a new password of {name}?',
      what: 'Whoever has the link can choose the password, once, within an hour. Second factors stay as they are.',
      act: 'Make a link for a new password'
    },
    linkAndFactors: {
      question: 'Make a link for {name} that also removes second factors?',
      what: 'Whoever has the link can choose the password, once, within an hour, and needs nothing else then. Be sure who asks you for it.',
      act: 'Make a link for a new password that also removes second factors'
    },
    linkMade: {
      title: 'A link for {name}',
      what: 'Give it to {name} and nobody else. It is shown this once:',
      until: 'It can be used once, until',
      back: 'Continue'
    },
    dropFactors: {
      question: 'Remove the second factors of {name}?',
      what: 'Codes, passkeys and recovery codes are removed, and the account is signed out everywhere. Then its password alone signs in. Be sure who asks you for it.',
      act: 'Remove second factors'
    },
    grant: {
      question: 'Make {name} an administrator?',
      what: 'Administrators see and change all accounts. The account is signed out everywhere.',
      act: 'Make administrator'
    },
    revoke: {
      question: 'Should {name} be an administrator no longer?',
      what: 'The account stays, and is signed out everywhere.',
      act: 'Take the role of administrator away'
    },
    join: {
      question: 'Put {name} into a group',
      what: 'It counts at once, and nobody is signed out.',
      group: 'Group',
      act: 'Put into a group'
    },
    leave: {
      question: 'Take {name} out of the group {group}?',
      what: 'It counts at once, and nobody is signed out.',
      act: 'Take out of this group'
    },
    endToken: {
      question: 'End the token {token} of {name}?',
      what: 'The program that has it is refused from then on.',
      act: 'End this token'
    },
    endTokens: {
      question: 'End all tokens of {name}?',
      what: 'The programs that have them are refused from then on.',
      act: 'End all tokens'
    },
    remove: {
      question: 'Delete the account {name}?',
      what: 'It is signed out everywhere and deleted for good. This cannot be undone, and anybody can then take the name.',
      act: 'Delete the account'
    },
    invitations: {
      title: 'Invite somebody',
      what: 'They get a link by mail, choose a name and a password, and are in. The link works once, for 72 hours.',
      inFiles:
        'This site does not send mail yet: it writes each message into a file in {folder}. Pass the link in it on yourself. MAIL_URL says who sends mail.',
      address: 'E-mail address',
      administrator: 'As an administrator',
      invite: 'Send invitation',
      made: 'The invitation goes to {address}.',
      noMail: 'This site sends no mail, so nobody can be invited. Whoever runs it can set MAIL_URL.',
      open: 'Invitations that are open',
      until: 'Valid until',
      withdraw: 'Withdraw',
      withdrawn: 'The invitation has been withdrawn.',
      back: 'Back to the accounts'
    },
    activity: {
      title: 'What happened',
      person: 'Whom it concerned',
      aboutPerson: 'A name or an id.',
      kind: 'What',
      anything: 'Anything',
      by: 'Who did it',
      address: 'From which address',
      from: 'From day',
      to: 'To day',
      badDay: 'There is no such day.',
      find: 'Find',
      all: 'Show everything',
      export: 'Download all of it as JSON lines',
      none: 'Nothing of this kind was found.',
      noneYet: 'Nothing was found in the 10,000 events that were looked at. Go on to earlier ones.',
      whom: 'Whom',
      who: 'By',
      command: 'the command line',
      system: 'this site',
      visitor: 'a visitor',
      themselves: 'themselves',
      at: 'From',
      reason: 'Reason',
      detail: 'Detail',
      formerName: 'Former name',
      pages: 'Pages',
      latest: 'Latest',
      later: 'Later',
      earlier: 'Earlier'
    },
    status: {
      title: 'How it is doing',
      version: 'Version',
      sessions: 'Sessions now',
      unknown: 'Not known',
      about: 'About {count}',
      atLeast: 'More than {count}',
      accountsStore: 'Accounts database',
      sessionStore: 'Session store',
      answers: { one: 'Answers within {count} millisecond', other: 'Answers within {count} milliseconds' },
      fails: {
        one: 'Does not answer, or takes no writes: {count} millisecond',
        other: 'Does not answer, or takes no writes: {count} milliseconds'
      },
      mail: 'Mail',
      mailOff: 'None is sent',
      mailWaiting: { one: '{count} message waits', other: '{count} messages wait' },
      mailFailed: { one: '{count} could not be sent', other: '{count} could not be sent' },
      mailInFiles: 'Mail is not sent here, but written into files in {folder}.',
      mailProblem: 'Nothing can be sent at present. The log says why.',
      warnings: 'Warnings of the start',
      day: 'Sign-ins of the last 24 hours',
      dayChart: 'Bars for each hour. The table below has the numbers.',
      month: 'Sign-ins of the last 30 days',
      monthChart: 'Bars for each day. The table below has the numbers.',
      totals: '{succeeded} succeeded, {refused} were refused, {throttled} had to wait.',
      most: 'The tallest bar stands for {count}. Refused sign-ins are on top of those that succeeded, and those that had to wait on top of both.',
      asTable: 'As a table',
      from: 'From',
      succeeded: 'Succeeded',
      refused: 'Refused',
      throttled: 'Had to wait',
      settings: 'Settings',
      aboutSettings: 'As they are since the start. Secrets are not shown.',
      default: 'by default',
      environment: 'from the environment'
    }
  },
  api: {
    title: 'For programs',
    what: 'All requests that programs can send to this site. Errors are problem+json with a stable code.',
    addresses: 'All addresses',
    document: 'The same as an OpenAPI document',
    optional: '(optional)',
    answers: 'Response',
    refuses: 'Possible errors:',
    fields: 'What the fields of responses mean',
    refusals: 'What the errors mean'
  },
  confirm: {
    title: 'Confirm that it is you',
    why: 'You are signed in as {name}. Enter your password again to continue.',
    whyMore: 'You are signed in as {name}. What you want to do needs more than your password.',
    whySetUp:
      'You are signed in as {name}. What you want to do needs a second way to sign in, which you set up next. Enter your password first.',
    password: 'Password',
    confirm: 'Confirm'
  },
  logout: {
    title: 'Sign out',
    question: 'Sign out?',
    signedInAs: 'You are signed in as {name}.',
    signOut: 'Sign out',
    stay: 'Stay signed in',
    signedOut: 'You are signed out',
    signIn: 'Sign in'
  },
  /** Shown by the script before a session ends. */
  ending: {
    soon: 'You will be signed out {when}, unless you stay.',
    over: 'You are signed out.',
    stay: 'Stay signed in',
    signIn: 'Sign in again'
  },
  /** Shown by the script beside a password. */
  passwordField: {
    capsLock: 'Caps Lock is on.',
    show: 'Show',
    hide: 'Hide',
    showLabel: 'Show what is typed',
    hideLabel: 'Hide what is typed'
  },
  refused: {
    title: 'Not open to you',
    toYou: '{host} is not open to {name}. Whoever runs it decides who may use it.',
    toVisitors: '{host} is not open to visitors. Whoever runs it decides who may use it.',
    somebodyElse: 'Sign in as somebody else',
    again: 'Try again'
  },
  error: {
    signIn: 'Sign in',
    toStart: 'Go to the home page'
  },
  /** The heading of an error, by the name of its status. */
  headings: {
    'Bad Request': 'That did not work',
    Unauthorized: 'Sign in first',
    Forbidden: 'Not allowed',
    'Not Found': 'There is nothing here',
    'Payload Too Large': 'That is too much',
    'Too Many Requests': 'Too many attempts',
    'Internal Server Error': 'Something went wrong',
    'Service Unavailable': 'Back in a moment',
    Error: 'That did not work'
  },
  /** The text of an error, by its code. */
  errors: {
    LATCHKEY_SIGN_IN_REQUIRED: 'Sign in first: only people who are signed in can see this page.',
    LATCHKEY_RECENT_PROOF_REQUIRED: 'Confirm your password first: you signed in some time ago.',
    LATCHKEY_SECOND_FACTOR_REQUIRED: 'The password alone is not enough here. Enter a code as well.',
    LATCHKEY_SECOND_FACTOR_NOT_SET_UP:
      'The password alone is not enough here. Set up a second way to sign in first.',
    LATCHKEY_WRONG_CODE:
      'That code does not work. Wait for the next one in your app, or use a recovery code.',
    LATCHKEY_CODES_CLOSED:
      'Too many codes were wrong, so no code from an app works for this account any more. Use a recovery code or a passkey.',
    LATCHKEY_WRONG_CREDENTIALS: 'That name and password do not match.',
    LATCHKEY_PASSKEY_REFUSED: 'That passkey was not accepted. Try again, or sign in another way.',
    LATCHKEY_PASSKEY_UNKNOWN:
      'That passkey is not known here: it was removed, or its account was. Sign in another way.',
    LATCHKEY_PASSKEY_UNVERIFIED:
      'That passkey asked for no fingerprint, face or PIN, so it is not enough by itself. Sign in with your password.',
    LATCHKEY_PASSKEY_TAKEN: 'That passkey is in use already. Nothing was added.',
    LATCHKEY_THROTTLED:
      'There were too many failed attempts for this name. Sign in from a browser in which you have signed in with your present password, or ask whoever runs this site.',
    LATCHKEY_SIGN_IN_UNDONE: 'The account was changed just now. Sign in again.',
    LATCHKEY_NOT_ALLOWED: 'This is not open to you. Whoever runs this site decides who may use it.',
    LATCHKEY_ROLE_REQUIRED: 'Only administrators can do this. Ask one of them.',
    LATCHKEY_TOKEN_REFUSED: 'This token is not valid, or no longer. Make another one at /account/tokens.',
    LATCHKEY_TOKEN_NOT_ENOUGH: 'A token is not enough for this. Sign in.',
    LATCHKEY_GROUP_REQUIRED: 'Your account may not do this. Ask an administrator.',
    LATCHKEY_BAD_INPUT: 'The input could not be read. Go back, check it and send it again.',
    LATCHKEY_ADDRESS_TOO_LONG: 'That address is too long: it may have up to {longest} characters.',
    LATCHKEY_INSECURE_CONNECTION:
      'Signing in works over https only: open this site at its https address. If you did, whoever runs it must set TRUST_PROXY to the address of the https proxy.',
    LATCHKEY_NAME_TAKEN: 'That name is taken. Choose another one.',
    LATCHKEY_FIRST_ACCOUNT_CODE:
      'There is no account yet. If this is your site, open the link to the first account that it printed when it started, or run: latchkey users add NAME --admin',
    LATCHKEY_REGISTRATION_CLOSED: 'Nobody can register here. Ask whoever runs this site for an account.',
    LATCHKEY_CROSS_SITE:
      'This request came from another site, so nothing was changed. Go back and try from this one.',
    LATCHKEY_UNKNOWN_HOST:
      'This site is not known by the name "{host}", so nothing was changed. Whoever runs it must set PUBLIC_URL to the address people open.',
    LATCHKEY_BUSY: 'Too many people are signing in at the moment. Try again in a few seconds.',
    LATCHKEY_OVERLOADED: 'This site is overloaded at the moment. Try again in a few seconds.',
    LATCHKEY_STORAGE_UNAVAILABLE:
      'Our storage does not answer right now. Nothing is lost: try again in a moment.',
    LATCHKEY_CHANGE_UNKNOWN:
      'Our storage did not answer in time. The change may have been made, or it may not. You can make it again without harm. After a change of the password, try the new one first.',
    LATCHKEY_INTERNAL: 'Something went wrong on our side. Try again.',
    LATCHKEY_NO_SUCH_GROUP: 'There is no group called "{group}".',
    LATCHKEY_NO_SUCH_ACCOUNT: 'There is no account called "{name}".',
    LATCHKEY_ADDRESS_TAKEN:
      'That address belongs to another account. Use another one, or sign in to that account.',
    LATCHKEY_ADDRESS_LINK_INVALID:
      'This link does not work any more, or it is for another account. Enter the address again in your account, and you get a new one.',
    LATCHKEY_LINK_INVALID:
      'This link does not work any more: it was used, it is too old, or something has changed since. Ask for a new one.',
    LATCHKEY_MAIL_OFF: 'This site sends no mail, so no link can reach you. Ask whoever runs it.',
    LATCHKEY_HAS_ACCOUNT: '{address} belongs to the account {name} already. Nobody was invited.',
    LATCHKEY_NO_SUCH_INVITATION: 'There is no such invitation any more.',
    LATCHKEY_OTHER_USER: 'This form is another user’s: somebody else has signed in since. Nothing was done.',
    LATCHKEY_OWN_ACCOUNT: 'That is your own account. Another administrator can do it.',
    LATCHKEY_NO_ADDRESS: '{name} has no confirmed address, so nothing can be mailed there.',
    LATCHKEY_ACCOUNT_DISABLED: '{name} is disabled, or was changed just now. Nothing was done.',
    LATCHKEY_LAST_SECOND_FACTOR:
      'No other administrator has a second factor. Let another one set one up first.',
    LATCHKEY_LAST_ADMINISTRATOR:
      'This is the last administrator, so nothing was changed. Make somebody else an administrator first.',
    LATCHKEY_NOT_FOUND: 'There is nothing at this address.'
  },
  /** When the next attempt to sign in is allowed. */
  throttled: {
    seconds: {
      one: 'There were too many attempts. Try again in {count} second.',
      other: 'There were too many attempts. Try again in {count} seconds.'
    },
    minutes: {
      one: 'There were too many attempts. Try again in {count} minute.',
      other: 'There were too many attempts. Try again in {count} minutes.'
    },
    /** In a browser in which the user has signed in before. */
    closed: 'There were too many failed attempts for this name. Ask whoever runs this site to open it again.',
    /** For who is signed in and verifies the password again. */
    session: 'There were too many failed attempts since you signed in. Sign out and sign in again.'
  },
  /** When the next registration is allowed. */
  namingThrottled: {
    seconds: {
      one: 'Too many names were tried from your network. Try again in {count} second.',
      other: 'Too many names were tried from your network. Try again in {count} seconds.'
    },
    minutes: {
      one: 'Too many names were tried from your network. Try again in {count} minute.',
      other: 'Too many names were tried from your network. Try again in {count} minutes.'
    }
  },
  mailThrottled: {
    seconds: {
      one: 'We have sent you a mail just now. Look into the mailbox, or try again in {count} second.',
      other: 'We have sent you a mail just now. Look into the mailbox, or try again in {count} seconds.'
    },
    minutes: {
      one: 'We have sent you a mail just now. Look into the mailbox, or try again in {count} minute.',
      other: 'We have sent you a mail just now. Look into the mailbox, or try again in {count} minutes.'
    }
  },
  tokensThrottled: {
    seconds: {
      one: 'Too many tokens were tried from your network. Try again in {count} second.',
      other: 'Too many tokens were tried from your network. Try again in {count} seconds.'
    },
    minutes: {
      one: 'Too many tokens were tried from your network. Try again in {count} minute.',
      other: 'Too many tokens were tried from your network. Try again in {count} minutes.'
    }
  },
  /** Why a token was not made. */
  tokens: {
    badName: 'A name has 1 to {most} characters, without control characters.',
    badDays: 'A token is good for 1 to {most} days.',
    strangeHost: '{host} is no app behind this sign-in.',
    forNothing: 'Say which apps the token is for.',
    forApiAlone: 'There is no app behind this sign-in: tick that the token is for the API.',
    tooMany: 'You have {most} tokens. End one of them first.'
  },
  /** Why the input was refused. */
  input: {
    notYourPassword: 'That is not your password.',
    tooManyFields: 'A form may have up to {most} fields.',
    reason: 'Give a reason of up to {most} characters.'
  },
  /** Why a user name was refused. */
  email: {
    missing: 'Enter an e-mail address.',
    invalid: 'Enter one e-mail address alone, such as name@example.org.',
    tooLong: 'An e-mail address is not that long.',
    unchanged: 'That is your address already.',
    isName: 'Your name is this address. Change your name first.'
  },
  names: {
    missing: 'Choose a name.',
    tooLong: 'That name has {count} characters; it may have up to {most}.',
    spaceAround: 'A name cannot begin or end with a space.',
    control: 'A name cannot contain control characters.',
    invisible: 'A name needs at least one visible character.',
    character: 'A name cannot contain {character}: use letters, digits and signs such as @ . - _.',
    directions: 'A word of a name cannot mix letters written to the right with letters written to the left.',
    address:
      'A name with an @ in it has to be the confirmed address of the account. Choose one without it: once your address is confirmed, you can sign in with it anyway.',
    unchanged: 'That is the present name. Choose another one.',
    tooManyFormer: 'You have given up {most} names in the last 30 days. Take one of them back, or wait.',
    nobodys: 'There is no account called "{name}".',
    notYourAddress: 'A name that is an e-mail address must be your own: the one that this link was mailed to.'
  },
  /** Why a password was refused. */
  passwords: {
    missing: 'A password is missing.',
    tooShort: {
      one: 'That password has {count} character, it needs {least} or more. A few words in a row work well.',
      other: 'That password has {count} characters, it needs {least} or more. A few words in a row work well.'
    },
    tooLong: 'That password has {count} characters; it may have up to {most}.',
    halfCharacter: 'That password contains an incomplete character. Type it again.',
    easy: 'That password is little more than {kinds}, which attackers try first. Use three or more words that do not belong together, or let your browser suggest one.',
    easyKinds: {
      common: 'common words',
      context: 'your name or the name of this site',
      row: 'a row of characters',
      repeated: 'a few characters over and over'
    }
  }
} as const
