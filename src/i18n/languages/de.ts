import type { Texts } from '../texts.ts'

const german: Texts = {
  layout: {
    paper: 'Diese Seite ist nur für eine Person da und wird deshalb nicht gedruckt.',
    signOut: 'Abmelden'
  },
  home: {
    title: 'Willkommen',
    hello: 'Hallo, {name}',
    signedIn: 'Sie sind angemeldet.',
    toDashboard: 'Zur Übersicht',
    running: '{site} läuft',
    noAccount: 'Es gibt noch kein Konto. Legen Sie das erste an und melden Sie sich an.',
    createFirst: 'Erstes Konto anlegen',
    signInToGoOn: 'Melden Sie sich an, um weiterzumachen.',
    signIn: 'Anmelden',
    newHere: 'Neu hier?',
    register: 'Konto anlegen'
  },
  login: {
    title: 'Anmelden',
    name: 'Name oder E-Mail',
    password: 'Passwort',
    remember: 'Auf diesem Gerät angemeldet bleiben',
    signIn: 'Anmelden',
    newHere: 'Neu hier?',
    register: 'Konto anlegen'
  },
  register: {
    title: 'Konto anlegen',
    name: 'Name oder E-Mail',
    password: 'Passwort',
    passwordHint:
      'Mindestens {least} Zeichen. Ein paar Wörter hintereinander eignen sich gut, oder der Browser schlägt eines vor.',
    create: 'Konto anlegen',
    haveAccount: 'Haben Sie schon ein Konto?',
    signIn: 'Anmelden'
  },
  dashboard: {
    title: 'Übersicht',
    hello: 'Hallo, {name}',
    signedIn: 'Sie sind angemeldet. Diese Seite sieht nur, wer angemeldet ist.',
    toAccount: 'Ihr Konto'
  },
  account: {
    back: 'Zurück zu Ihrem Konto',
    keep: 'Alles so lassen',
    overview: {
      title: 'Ihr Konto',
      name: 'Name',
      since: 'Hier seit',
      role: 'Rolle',
      admin: 'Verwaltung',
      toPassword: 'Passwort ändern',
      toSessions: 'Wo Sie angemeldet sind',
      toActivity: 'Letzte Ereignisse',
      toRemove: 'Konto löschen'
    },
    password: {
      title: 'Passwort ändern',
      what: 'Überall sonst werden Sie abgemeldet und müssen sich dort neu anmelden.',
      current: 'Bisheriges Passwort',
      new: 'Neues Passwort',
      change: 'Passwort ändern',
      changed: {
        one: 'Ihr Passwort ist geändert. Eine andere Sitzung ist beendet.',
        other: 'Ihr Passwort ist geändert. Beendete andere Sitzungen: {count}.'
      }
    },
    device: {
      both: '{browser} unter {system}',
      unknown: 'Unbekannter Browser'
    },
    sessions: {
      title: 'Wo Sie angemeldet sind',
      what: 'Wenn Ihnen eine dieser Sitzungen fremd ist, beenden Sie sie und ändern Sie Ihr Passwort.',
      here: 'Sie sind hier.',
      address: 'Von',
      signedIn: 'Angemeldet',
      seen: 'Zuletzt aktiv',
      end: 'Diese Sitzung beenden',
      endOthers: 'Alle anderen beenden',
      more: {
        one: 'Eine weitere Sitzung, die länger nicht benutzt wurde, ist nicht aufgeführt.',
        other: '{count} weitere Sitzungen, die länger nicht benutzt wurden, sind nicht aufgeführt.'
      },
      endAll: 'Überall abmelden'
    },
    endSession: {
      title: 'Sitzung beenden',
      question: 'Diese Sitzung beenden?',
      what: 'Wer sie benutzt, muss sich neu anmelden.',
      end: 'Sitzung beenden',
      done: 'Die Sitzung ist beendet.',
      wasOver: 'Diese Sitzung war schon vorbei.'
    },
    endOthers: {
      title: 'Alle anderen Sitzungen beenden?',
      what: {
        one: 'Sie sind noch an einer anderen Stelle angemeldet. Wer sie benutzt, muss sich neu anmelden; hier bleiben Sie angemeldet.',
        other:
          'Sie sind noch an {count} anderen Stellen angemeldet. Wer sie benutzt, muss sich neu anmelden; hier bleiben Sie angemeldet.'
      },
      end: 'Alle anderen beenden',
      done: { one: 'Eine andere Sitzung ist beendet.', other: 'Beendete andere Sitzungen: {count}.' }
    },
    endAll: {
      title: 'Überall abmelden?',
      what: 'Jede Sitzung wird beendet, auch diese. Danach müssen Sie sich neu anmelden.',
      end: 'Überall abmelden'
    },
    activity: {
      title: 'Letzte Ereignisse',
      what: 'Wenn etwas davon nicht von Ihnen stammt, ändern Sie Ihr Passwort.',
      by: 'durch {name}',
      administrator: 'den Administrator {name}',
      commandLine: 'den Betreiber dieser Seite',
      signIn: 'Angemeldet',
      signInRefused: 'Falsches Passwort',
      signInThrottled: 'Zu viele falsche Passwörter',
      proof: 'Passwort bestätigt',
      signOut: 'Abgemeldet',
      registration: 'Konto angelegt',
      passwordChange: 'Passwort geändert',
      sessionEnd: 'Eine andere Sitzung beendet',
      sessionsEnd: 'Sitzungen anderswo beendet',
      accountDisable: 'Konto gesperrt',
      accountEnable: 'Konto freigegeben',
      accountRemove: 'Konto gelöscht',
      roleChange: 'Rolle geändert',
      accountsImport: 'Konten von anderswo übernommen'
    },
    remove: {
      title: 'Konto löschen?',
      what: 'Das Konto {name} wird gelöscht, und Sie werden überall abgemeldet. Das lässt sich nicht rückgängig machen, und der Name ist dann frei für jemand anderen.',
      only: 'Es ist das einzige hier: Wer diese Seite als Nächstes besucht, kann das erste anlegen.',
      remove: 'Konto löschen',
      keep: 'Konto behalten'
    },
    removed: {
      title: 'Ihr Konto ist gelöscht',
      what: 'Sie sind überall abgemeldet. Auf Wiedersehen!'
    }
  },
  api: {
    title: 'Für Programme',
    what: 'Alles, was Programme hier aufrufen können. Fehler kommen als problem+json mit einem Code, der sich nie ändert.',
    document: 'Dasselbe als OpenAPI-Dokument',
    optional: '(kann fehlen)',
    answers: 'Antwortet mit',
    refuses: 'Lehnt ab mit',
    fields: 'Was die Felder der Antworten bedeuten',
    refusals: 'Was Ablehnungen bedeuten'
  },
  confirm: {
    title: 'Passwort bestätigen',
    why: 'Sie sind als {name} angemeldet. Für das, was jetzt kommt, brauchen wir Ihr Passwort noch einmal.',
    password: 'Passwort',
    confirm: 'Bestätigen'
  },
  logout: {
    title: 'Abmelden',
    question: 'Abmelden?',
    signedInAs: 'Sie sind als {name} angemeldet.',
    signOut: 'Abmelden',
    stay: 'Angemeldet bleiben',
    signedOut: 'Sie sind abgemeldet',
    signIn: 'Anmelden'
  },
  ending: {
    soon: 'Sie werden {when} abgemeldet, wenn Sie nicht bleiben.',
    over: 'Sie sind abgemeldet.',
    stay: 'Angemeldet bleiben',
    signIn: 'Wieder anmelden'
  },
  passwordField: {
    capsLock: 'Die Feststelltaste ist an.',
    show: 'Zeigen',
    hide: 'Verbergen',
    showLabel: 'Eingabe zeigen',
    hideLabel: 'Eingabe verbergen'
  },
  error: {
    signIn: 'Anmelden',
    toStart: 'Zur Startseite'
  },
  headings: {
    'Bad Request': 'Das hat nicht geklappt',
    Unauthorized: 'Bitte erst anmelden',
    Forbidden: 'Nicht erlaubt',
    'Not Found': 'Hier ist nichts',
    'Payload Too Large': 'Das ist zu viel',
    'Too Many Requests': 'Zu viele Versuche',
    'Internal Server Error': 'Etwas ist schiefgegangen',
    'Service Unavailable': 'Gleich wieder da',
    Error: 'Das hat nicht geklappt'
  },
  errors: {
    LATCHKEY_SIGN_IN_REQUIRED: 'Melden Sie sich erst an: Diese Seite sieht nur, wer angemeldet ist.',
    LATCHKEY_RECENT_PROOF_REQUIRED:
      'Bestätigen Sie erst Ihr Passwort: Ihre Anmeldung liegt schon eine Weile zurück.',
    LATCHKEY_WRONG_CREDENTIALS: 'Name und Passwort passen nicht zusammen.',
    LATCHKEY_THROTTLED:
      'Für diesen Namen gab es zu viele falsche Versuche. Melden Sie sich in einem Browser an, in dem Sie schon einmal angemeldet waren, oder fragen Sie den Betreiber dieser Seite.',
    LATCHKEY_SIGN_IN_UNDONE: 'Das Konto wurde gerade geändert. Melden Sie sich noch einmal an.',
    LATCHKEY_ROLE_REQUIRED:
      'Das ist der Verwaltung vorbehalten. Bitten Sie jemanden von dort darum, oder um die Rechte dafür.',
    LATCHKEY_BAD_INPUT:
      'Was gesendet wurde, ist nicht lesbar. Gehen Sie zurück, sehen Sie es an und senden Sie es noch einmal.',
    LATCHKEY_ADDRESS_TOO_LONG: 'Diese Adresse ist zu lang: Sie darf bis zu {longest} Zeichen haben.',
    LATCHKEY_INSECURE_CONNECTION:
      'Anmelden geht nur über https: Öffnen Sie diese Seite unter ihrer https-Adresse. Wenn Sie das getan haben, muss der Betreiber TRUST_PROXY auf die Adresse des Proxys setzen, der https spricht.',
    LATCHKEY_NAME_TAKEN: 'Dieser Name ist vergeben. Wählen Sie einen anderen.',
    LATCHKEY_REGISTRATION_CLOSED:
      'Hier kann sich niemand registrieren. Bitten Sie den Betreiber dieser Seite um ein Konto.',
    LATCHKEY_CROSS_SITE:
      'Diese Anfrage kam von einer anderen Seite, deshalb wurde nichts geändert. Gehen Sie zurück und versuchen Sie es von hier aus.',
    LATCHKEY_UNKNOWN_HOST:
      'Diese Seite kennt sich nicht unter dem Namen „{host}“, deshalb wurde nichts geändert. Der Betreiber muss PUBLIC_URL auf die Adresse setzen, die Sie öffnen.',
    LATCHKEY_BUSY:
      'Gerade melden sich sehr viele Menschen an, deshalb wurde nichts getan. Versuchen Sie es in ein paar Sekunden noch einmal.',
    LATCHKEY_OVERLOADED:
      'Hier ist gerade mehr zu tun, als zu schaffen ist, deshalb wurde nichts begonnen. Versuchen Sie es in ein paar Sekunden noch einmal.',
    LATCHKEY_STORAGE_UNAVAILABLE:
      'Unser Speicher antwortet gerade nicht. Nichts ist verloren: Versuchen Sie es gleich noch einmal.',
    LATCHKEY_INTERNAL:
      'Bei uns ist etwas schiefgegangen. Nichts davon, was Sie getan haben, ist verloren; versuchen Sie es noch einmal.',
    LATCHKEY_NO_SUCH_ACCOUNT: 'Niemand heißt „{name}“.',
    LATCHKEY_OWN_ACCOUNT: 'Das ist Ihr eigenes Konto. Jemand anderes aus der Verwaltung kann es sperren.',
    LATCHKEY_NOT_FOUND: 'Unter dieser Adresse gibt es nichts.'
  },
  throttled: {
    seconds: {
      one: 'Es gab zu viele Versuche. Versuchen Sie es in {count} Sekunde noch einmal.',
      other: 'Es gab zu viele Versuche. Versuchen Sie es in {count} Sekunden noch einmal.'
    },
    minutes: {
      one: 'Es gab zu viele Versuche. Versuchen Sie es in {count} Minute noch einmal.',
      other: 'Es gab zu viele Versuche. Versuchen Sie es in {count} Minuten noch einmal.'
    }
  },
  namingThrottled: {
    seconds: {
      one: 'Aus Ihrem Netz wurden zu viele Namen versucht. Versuchen Sie es in {count} Sekunde noch einmal.',
      other:
        'Aus Ihrem Netz wurden zu viele Namen versucht. Versuchen Sie es in {count} Sekunden noch einmal.'
    },
    minutes: {
      one: 'Aus Ihrem Netz wurden zu viele Namen versucht. Versuchen Sie es in {count} Minute noch einmal.',
      other: 'Aus Ihrem Netz wurden zu viele Namen versucht. Versuchen Sie es in {count} Minuten noch einmal.'
    }
  },
  input: {
    notYourPassword: 'Das ist nicht Ihr Passwort.',
    tooManyFields: 'Ein Formular darf bis zu {most} Felder haben.'
  },
  names: {
    missing: 'Wählen Sie einen Namen.',
    tooLong: 'Dieser Name hat {count} Zeichen; er darf bis zu {most} haben.',
    spaceAround: 'Ein Name kann nicht mit einem Leerzeichen beginnen oder enden.',
    control: 'Ein Name kann keine Steuerzeichen enthalten.',
    invisible: 'Ein Name braucht mindestens ein sichtbares Zeichen.',
    nobodys: 'Niemand heißt „{name}“.'
  },
  passwords: {
    missing: 'Es fehlt ein Passwort.',
    tooShort: {
      other:
        'Dieses Passwort hat {count} Zeichen, es braucht mindestens {least}. Ein paar Wörter hintereinander eignen sich gut.'
    },
    tooLong: 'Dieses Passwort hat {count} Zeichen; es darf bis zu {most} haben.',
    halfCharacter: 'Dieses Passwort enthält ein halbes Zeichen. Geben Sie es noch einmal ein.',
    easy: 'Dieses Passwort besteht nur aus Leichtem ({kinds}), und das wird zuerst probiert. Nehmen Sie drei oder mehr Wörter, die nicht zusammengehören, oder lassen Sie sich vom Browser eines vorschlagen.',
    easyKinds: {
      common: 'gängige Wörter',
      context: 'Ihr Name oder der dieser Seite',
      row: 'eine Reihe von Zeichen',
      repeated: 'wenige Zeichen immer wieder'
    }
  }
}

export default german
