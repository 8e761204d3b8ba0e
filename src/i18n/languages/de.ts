import type { Texts } from '../texts.ts'

const german: Texts = {
  layout: {
    paper: 'Diese Seite ist persönlich und wird deshalb nicht gedruckt.',
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
    firstByLink:
      'Es gibt noch kein Konto. Wenn das Ihre Seite ist, öffnen Sie den Link zum ersten Konto, den sie beim Start ausgegeben hat.',
    signInToGoOn: 'Melden Sie sich an, um fortzufahren.',
    signIn: 'Anmelden',
    newHere: 'Neu hier?',
    register: 'Konto anlegen'
  },
  login: {
    title: 'Anmelden',
    name: 'Name oder E-Mail',
    password: 'Passwort',
    signedOut: 'Sie sind abgemeldet.',
    remember: 'Auf diesem Gerät angemeldet bleiben',
    signIn: 'Anmelden',
    forgot: 'Passwort vergessen?',
    forgotAsk: 'Passwort vergessen? Fragen Sie den Betreiber dieser Seite.',
    newHere: 'Neu hier?',
    register: 'Konto anlegen'
  },
  forgot: {
    title: 'Passwort vergessen?',
    what: 'Geben Sie Ihren Namen oder Ihre E-Mail-Adresse ein. Wenn Sie hier ein Konto mit bestätigter Adresse haben, schicken wir Ihnen einen Link, mit dem Sie ein neues Passwort wählen.',
    name: 'Name oder E-Mail',
    send: 'Link schicken',
    back: 'Zurück zur Anmeldung'
  },
  forgotSent: {
    title: 'Sehen Sie in Ihr Postfach',
    what: 'Wenn es dieses Konto gibt und seine Adresse bestätigt ist, ist ein Link für ein neues Passwort unterwegs. Er gilt einmal, 30 Minuten lang. Wenn Sie vor wenigen Minuten schon einen angefordert haben, gilt der noch, und es kommt keine zweite Mail.',
    none: 'Nichts angekommen? Sehen Sie auch im Spam-Ordner nach. Wenn Sie hier keine bestätigte Adresse haben, fragen Sie den Betreiber dieser Seite.'
  },
  loginCode: {
    title: 'Code eingeben',
    signingIn: 'Sie melden sich als {name} an.',
    code: 'Code aus Ihrer App oder Wiederherstellungscode',
    codeOnly: 'Code aus Ihrer App',
    recoveryOnly: 'Wiederherstellungscode',
    signIn: 'Anmelden',
    startOver: 'Als jemand anderes anmelden',
    recoveryClosed:
      'Zu viele Wiederherstellungscodes waren falsch. Deshalb gilt keiner mehr. Nehmen Sie einen Code aus Ihrer App oder einen Passkey.'
  },
  loginSetup: {
    title: 'Zweiten Schritt einrichten',
    why: 'Sie melden sich als {name} an. Hier genügt ein Passwort allein nicht: Richten Sie eines von beiden ein, dann sind Sie angemeldet.',
    passkey: 'Oder ein Passkey',
    none: 'Diese Seite verlangt einen zweiten Schritt und bietet keinen an. Fragen Sie den Betreiber.',
    done: 'Der zweite Schritt ist eingerichtet, und Sie sind angemeldet.'
  },
  recoveryCode: {
    title: 'Ihr neuer Wiederherstellungscode',
    used: 'Sie haben einen Wiederherstellungscode benutzt; er gilt nicht noch einmal. An seine Stelle tritt dieser:',
    store: 'Legen Sie ihn jetzt zu den anderen. Er wird nur dieses eine Mal gezeigt.',
    onward: 'Weiter'
  },
  passkey: {
    signIn: 'Mit Passkey anmelden',
    use: 'Passkey benutzen',
    failed: 'Es wurde kein Passkey benutzt. Versuchen Sie es noch einmal.',
    known: 'In diesem Gerät ist schon ein Passkey von Ihnen.'
  },
  register: {
    title: 'Konto anlegen',
    first: 'Es ist das erste hier und wird das des Administrators.',
    name: 'Name oder E-Mail',
    onlyName: 'Name',
    email: 'E-Mail-Adresse',
    emailOptional: 'E-Mail-Adresse (freiwillig)',
    emailHint:
      'Wir schicken Ihnen einen Link, mit dem Sie sie bestätigen. Dann können Sie sich auch mit ihr anmelden und ein neues Passwort wählen, wenn Sie Ihres vergessen.',
    sentTo: 'Um {address} zu bestätigen, öffnen Sie den Link, den wir eben dorthin geschickt haben.',
    notSentTo:
      'Ihr Konto ist angelegt. An {address} konnten wir gerade keinen Link schicken: Geben Sie die Adresse später unter „Ihr Konto“ noch einmal ein.',
    password: 'Passwort',
    passwordHint:
      'Mindestens {least} Zeichen. Ein paar Wörter hintereinander eignen sich gut, oder lassen Sie den Browser eines vorschlagen.',
    create: 'Konto anlegen',
    haveAccount: 'Haben Sie schon ein Konto?',
    signIn: 'Anmelden'
  },
  registerAddress: {
    title: 'Konto anlegen',
    what: 'Geben Sie Ihre E-Mail-Adresse ein. Wir schicken Ihnen einen Link, unter dem Sie einen Namen und ein Passwort wählen.',
    send: 'Link schicken',
    choose: 'Wählen Sie einen Namen und ein Passwort für Ihr Konto. Seine Adresse ist {address}.',
    only: 'Konten werden über einen Link angelegt, den wir Ihnen schicken. Senden Sie nur Ihre Adresse.'
  },
  registerSent: {
    title: 'Sehen Sie in Ihr Postfach',
    what: 'Eine Mail an die eingegebene Adresse ist unterwegs. Wenn es mit ihr noch kein Konto gibt, finden Sie darin einen Link, mit dem Sie eines anlegen. Er gilt einmal, 72 Stunden lang. Wenn Sie vor wenigen Minuten schon einen angefordert haben, gilt der noch, und es kommt keine zweite Mail.',
    none: 'Nichts angekommen? Sehen Sie auch im Spam-Ordner nach, und prüfen Sie, ob Sie die Adresse richtig geschrieben haben.'
  },
  invitation: {
    title: 'Willkommen bei {site}',
    what: 'Sie sind eingeladen. Wählen Sie einen Namen und ein Passwort für Ihr Konto. Seine Adresse ist {address}.',
    admin: 'Sie werden Administrator.',
    name: 'Name oder E-Mail',
    password: 'Passwort',
    create: 'Konto anlegen'
  },
  invitationDone: {
    title: 'Ihr Konto ist angelegt',
    what: 'Ihr Name hier ist {name}. Melden Sie sich mit ihm und dem Passwort an, das Sie eben gewählt haben.',
    signIn: 'Anmelden'
  },
  reset: {
    title: 'Neues Passwort wählen',
    what: 'Für das Konto {name}, das dann überall abgemeldet wird.',
    andFactors:
      'Seine Codes aus einer App, Passkeys und Wiederherstellungscodes werden ebenfalls entfernt. Melden Sie sich deshalb bald an und richten Sie sie neu ein.',
    password: 'Neues Passwort',
    choose: 'Passwort setzen'
  },
  resetDone: {
    title: 'Ihr neues Passwort ist gesetzt',
    what: 'Sie sind überall abgemeldet. Melden Sie sich mit dem neuen Passwort an.',
    withFactors:
      'Wie bisher brauchen Sie außerdem Ihren zweiten Weg zur Anmeldung: einen Code, einen Passkey oder einen Wiederherstellungscode.',
    withoutFactors:
      'Codes aus einer App, Passkeys und Wiederherstellungscodes dieses Kontos wurden entfernt. Richten Sie sie neu ein, sobald Sie angemeldet sind.',
    signIn: 'Anmelden'
  },
  dashboard: {
    title: 'Übersicht',
    hello: 'Hallo, {name}',
    signedIn: 'Sie sind angemeldet. Nur wer angemeldet ist, kann diese Seite sehen.',
    toAccount: 'Ihr Konto'
  },
  account: {
    back: 'Zurück zu Ihrem Konto',
    keep: 'Alles so lassen',
    overview: {
      title: 'Ihr Konto',
      name: 'Name',
      since: 'Angelegt',
      role: 'Rolle',
      admin: 'Administrator',
      signingIn: 'Anmeldung',
      aboutSigningIn: 'Womit Sie sich anmelden und in welchen Browsern Sie angemeldet sind.',
      toName: 'Namen ändern',
      email: 'E-Mail',
      toEmail: 'Ihre E-Mail-Adresse',
      toPassword: 'Passwort ändern',
      toSecurity: 'Sicherheit: Codes und Passkeys',
      toSessions: 'Wo Sie angemeldet sind',
      events: 'Ereignisse',
      aboutEvents: 'Anmeldungen und Änderungen, damit Sie bemerken, was nicht von Ihnen stammt.',
      toTokens: 'Tokens für Programme',
      toActivity: 'Letzte Ereignisse',
      deletion: 'Löschung',
      aboutDeletion: 'Sie werden überall abgemeldet, und Ihr Konto wird endgültig gelöscht.',
      toRemove: 'Konto löschen'
    },
    email: {
      title: 'Ihre E-Mail-Adresse',
      none: 'Ihr Konto hat keine Adresse. Mit einer können Sie ein neues Passwort wählen, wenn Sie Ihres vergessen haben, und Sie erfahren, wenn mit Ihrem Konto etwas geschieht.',
      present: 'E-Mails zu Ihrem Konto gehen an {address}. Sie können sich auch damit anmelden.',
      since: 'Bestätigt',
      failed: 'Die letzte E-Mail an {address} konnte nicht zugestellt werden. {error}',
      waiting:
        'Wir haben einen Link an {address} geschickt. Sobald Sie ihn geöffnet haben, ist das Ihre Adresse. Der Link gilt bis {until}.',
      new: 'Neue Adresse',
      sends: 'Wir schicken einen Link dorthin. Bis Sie ihn geöffnet haben, ändert sich nichts.',
      send: 'Link schicken',
      toRemove: 'Adresse entfernen',
      removed: 'Ihre Adresse wurde entfernt.',
      confirmed: 'Ihre Adresse ist jetzt {address}.',
      undone: 'Die Adresse ist zurück. Wählen Sie jetzt ein neues Passwort.',
      notBack:
        'Die Adresse gehört inzwischen zu einem anderen Konto, dieses hat also keine. Wählen Sie jetzt ein neues Passwort.'
    },
    removeEmail: {
      title: 'Ihre Adresse entfernen?',
      what: 'Sie bekommen dann keine E-Mails mehr, und niemand kann Ihnen einen Link schicken, wenn Sie Ihr Passwort vergessen haben. Sieben Tage lang erfahren Sie noch, was mit Ihrem Konto geschieht.',
      remove: 'Adresse entfernen'
    },
    confirmEmail: {
      title: 'Adresse bestätigen',
      what: 'E-Mails zum Konto {name} gehen dann an {address}.',
      confirm: 'Adresse bestätigen'
    },
    undoEmail: {
      title: 'Änderung zurücknehmen',
      what: 'Das Konto {name} bekommt die Adresse {address} zurück. Alle werden dort abgemeldet, und Sie wählen ein neues Passwort.',
      undo: 'Zurücknehmen'
    },
    password: {
      title: 'Passwort ändern',
      what: 'Sie werden überall sonst abgemeldet.',
      current: 'Aktuelles Passwort',
      new: 'Neues Passwort',
      change: 'Passwort ändern',
      changed: {
        one: 'Ihr Passwort wurde geändert. Eine andere Sitzung wurde beendet.',
        other: 'Ihr Passwort wurde geändert. {count} andere Sitzungen wurden beendet.'
      },
      changedMany: 'Ihr Passwort wurde geändert. Mehr als {count} andere Sitzungen wurden beendet.'
    },
    name: {
      title: 'Namen ändern',
      what: 'Sie melden sich dann mit dem neuen Namen an und bleiben überall angemeldet. 30 Tage lang bekommt niemand sonst den Namen {name}, und Sie können zu ihm zurückkehren.',
      name: 'Neuer Name oder neue E-Mail-Adresse',
      onlyName: 'Neuer Name',
      password: 'Ihr Passwort',
      change: 'Namen ändern',
      changed: 'Sie heißen jetzt {name}.'
    },
    security: {
      title: 'Sicherheit',
      isOff:
        'Bisher genügt Ihr Passwort, um sich als Sie anzumelden. Hiermit genügt es niemandem mehr, der es erfährt.',
      isOn: 'Ihr Passwort allein genügt nicht, um sich als Sie anzumelden.',
      since: 'Hinzugefügt',
      used: 'Zuletzt benutzt',
      never: 'Nie',
      app: 'Authenticator-App',
      aboutApp:
        'Eine App auf Ihrem Telefon, die alle halbe Minute einen neuen Code zeigt. Sie geben ihn nach dem Passwort ein.',
      addApp: 'Authenticator-App einrichten',
      renewApp: 'Auf einem anderen Telefon einrichten',
      removeApp: 'Authenticator-App entfernen',
      lastNeeded:
        'Hier braucht Ihr Konto mehr als ein Passwort. Richten Sie erst eine andere App oder einen anderen Passkey ein.',
      noApp: 'Der Betreiber dieser Seite hat diese Codes nicht eingeschaltet.',
      appClosed:
        'Zu viele Codes waren falsch, deshalb gilt keiner aus dieser App mehr. Richten Sie sie neu ein.',
      passkeys: 'Passkeys',
      aboutPasskeys:
        'Ein Passkey ist in Ihrem Telefon, Computer oder Sicherheitsschlüssel. Sie benutzen ihn mit Fingerabdruck, Gesicht oder PIN, ohne Passwort, und keine gefälschte Seite kann ihn Ihnen entlocken.',
      addPasskey: 'Passkey hinzufügen',
      noPasskeys:
        'Unter dieser Adresse kann es keine Passkeys geben. Der Betreiber dieser Seite muss ihr einen Namen und https geben.',
      elsewhere:
        'Er wurde für {domain} erstellt und gilt hier nicht. Entfernen Sie ihn und fügen Sie einen anderen hinzu.',
      copies: 'Wo',
      synced: 'Auf allen Geräten seines Passwortmanagers',
      single: 'Auf einem Gerät',
      change: 'Umbenennen oder entfernen',
      recovery: 'Wiederherstellungscodes',
      aboutRecovery:
        'Mit jedem melden Sie sich einmal an, nach dem Passwort, wenn Sie alles andere verloren haben.',
      recoveryLeft: { one: 'Noch {count} Code.', other: 'Noch {count} Codes.' },
      recoveryClosed: 'Zu viele Codes waren falsch, deshalb gilt keiner mehr. Erstellen Sie neue.',
      newRecovery: 'Neue Wiederherstellungscodes erstellen',
      protect: 'Gut aufbewahren',
      howToProtect:
        'Sperren Sie Telefon und Computer mit PIN, Fingerabdruck oder Gesicht, und bewahren Sie einen Sicherheitsschlüssel und Ihre Wiederherstellungscodes auf wie Ihre Hausschlüssel. Niemand außer Ihnen muss einen Code kennen: Wer nach einem fragt, will sich als Sie anmelden.',
      whenLost:
        'Ist etwas davon verloren oder gestohlen, entfernen Sie es auf dieser Seite und beenden Sie die Sitzungen, die es hat.',
      advice: {
        recovery: 'Sie haben nur noch wenige Wiederherstellungscodes: Erstellen Sie neue.',
        second:
          'Fügen Sie einen zweiten Passkey oder eine Authenticator-App hinzu, damit Sie sich auch ohne den ersten anmelden können.',
        passkey:
          'Fügen Sie einen Passkey hinzu: Er ist schneller als ein Code, und keine gefälschte Seite kann ihn Ihnen entlocken.'
      },
      notices: 'Mail bei Anmeldungen',
      noticesSent:
        'Sie bekommen eine Mail an {address}, wenn sich jemand als Sie in einem Browser anmeldet, den Sie hier noch nicht benutzt haben.',
      noticesNotSent:
        'Sie bekommen keine Mail, wenn sich jemand als Sie in einem anderen Browser anmeldet. Andere Änderungen Ihres Kontos erfahren Sie immer.',
      stopNotices: 'Nicht mehr schicken',
      sendNotices: 'Wieder schicken',
      noticesOn: 'Bei Anmeldungen in anderen Browsern bekommen Sie eine Mail.',
      noticesOff: 'Bei Anmeldungen bekommen Sie keine Mail mehr.',
      endsOthers: 'Sie werden überall sonst abgemeldet.',
      codesRemoved: 'Die Authenticator-App wurde entfernt.',
      codesAdded: 'Die Authenticator-App wurde eingerichtet.',
      passkeyAdded: 'Der Passkey „{name}“ wurde hinzugefügt.',
      passkeyRenamed: 'Der Passkey heißt jetzt „{name}“.',
      passkeyRemoved: 'Der Passkey „{name}“ wurde entfernt.'
    },
    authenticatorApp: {
      title: 'Authenticator-App einrichten',
      scan: 'Fotografieren Sie dieses Bild mit der App. Jede Authenticator-App ist geeignet; viele Passwortmanager haben eine.',
      picture: 'QR-Code für eine Authenticator-App',
      type: 'Oder geben Sie diesen Schlüssel in die App ein:',
      replaces: 'Die App, die Sie hier bisher eingerichtet hatten, gilt dann nicht mehr.',
      code: 'Der Code, den die App jetzt zeigt',
      add: 'Einrichten',
      wrongCode:
        'Das ist nicht der Code zu diesem Bild. Fotografieren Sie es noch einmal, oder warten Sie auf den nächsten Code.'
    },
    securityQuestion: {
      title: 'Sind Sie sicher?'
    },
    removeApp: {
      question: 'Authenticator-App entfernen?',
      what: 'Mit ihren Codes können Sie sich dann nicht mehr anmelden, und Sie werden überall sonst abgemeldet.',
      remove: 'Entfernen'
    },
    recoveryCodes: {
      title: 'Ihre Wiederherstellungscodes',
      what: 'Drucken Sie sie aus, oder bewahren Sie sie dort auf, wo Sie sie ohne Ihr Telefon finden. Mit jedem melden Sie sich einmal an, nach dem Passwort, wenn Sie alles andere verloren haben.',
      once: 'Sie gehören {name} bei {site}. Diese Seite lässt sich nicht noch einmal öffnen.',
      kept: 'Ich habe sie aufbewahrt',
      made: 'Es gibt neue Wiederherstellungscodes. Die bisherigen gelten nicht mehr.'
    },
    newRecoveryCodes: {
      question: 'Neue Wiederherstellungscodes?',
      what: 'Sie bekommen zehn. Die jetzigen gelten dann nicht mehr.',
      make: 'Neue erstellen'
    },
    newPasskey: {
      title: 'Passkey hinzufügen',
      what: 'Ihr Browser fragt, wo er ihn aufbewahren soll: in diesem Gerät, in Ihrem Telefon oder in einem Sicherheitsschlüssel.',
      add: 'Passkey hinzufügen',
      unable: 'Ihr Browser kann keine Passkeys erstellen: Er ist zu alt, oder JavaScript ist abgeschaltet.'
    },
    passkey: {
      title: 'Passkey',
      name: 'Name',
      rename: 'Umbenennen',
      removal: 'Entfernen',
      aboutRemoval:
        'Sie können sich dann nicht mehr mit ihm anmelden, und Sie werden überall sonst abgemeldet.',
      aboutLastRemoval:
        'Sie können sich dann nicht mehr mit ihm anmelden, und Sie werden überall sonst abgemeldet. Dann genügt wieder Ihr Passwort allein.',
      remove: 'Diesen Passkey entfernen',
      back: 'Zurück zur Sicherheit',
      badName: 'Ein Name hat 1 bis {longest} Zeichen.'
    },
    removePasskey: {
      question: 'Den Passkey „{name}“ entfernen?',
      remove: 'Entfernen'
    },
    device: {
      both: '{browser} unter {system}',
      unknown: 'Unbekannter Browser'
    },
    sessions: {
      title: 'Wo Sie angemeldet sind',
      what: 'Wenn Sie eine dieser Sitzungen nicht kennen, beenden Sie sie und ändern Sie Ihr Passwort.',
      here: 'Sie sind hier.',
      address: 'Adresse',
      signedIn: 'Angemeldet',
      seen: 'Zuletzt aktiv',
      end: 'Diese Sitzung beenden',
      endOthers: 'Alle anderen beenden',
      total: { one: 'Eine Sitzung.', other: '{count} Sitzungen.' },
      many: 'Mehr als {count} Sitzungen.',
      none: 'Hier sind keine weiteren Sitzungen.',
      pages: 'Seiten',
      previous: 'Zuletzt benutzte',
      next: 'Länger nicht benutzte',
      evicted: {
        one: 'Sie waren an mehr Stellen angemeldet, als hier erlaubt ist. Deshalb wurde eine Sitzung beendet.',
        other:
          'Sie waren an mehr Stellen angemeldet, als hier erlaubt ist. Deshalb wurden {count} Sitzungen beendet.'
      },
      endAll: 'Überall abmelden'
    },
    tokens: {
      title: 'Tokens für Programme',
      what: 'Mit einem Token kann ein Programm eine Anwendung in Ihrem Namen benutzen, ohne Ihr Passwort. Beenden Sie jedes, das Sie nicht brauchen.',
      none: 'Sie haben keine Tokens.',
      new: 'Token erstellen',
      end: 'Dieses Token beenden',
      hosts: 'Für',
      api: 'die API dieser Seite',
      made: 'Erstellt',
      until: 'Gilt bis',
      expired: 'Es ist abgelaufen.',
      used: 'Zuletzt benutzt',
      unused: 'Noch nicht benutzt'
    },
    newToken: {
      title: 'Token erstellen',
      what: 'Geben Sie jedem Programm ein eigenes Token: Dann können Sie es beenden, ohne dass die anderen es merken.',
      name: 'Wofür ist es?',
      hosts: 'Anwendungen, für die es gilt, durch Leerzeichen getrennt',
      api: 'Gilt auch für die API dieser Seite, soweit sie kein Passwort verlangt',
      apiAlone: 'Gilt für die API dieser Seite, soweit sie kein Passwort verlangt',
      days: 'Wie viele Tage gilt es?',
      make: 'Token erstellen'
    },
    tokenMade: {
      title: 'Ihr neues Token',
      what: 'Übertragen Sie es jetzt in das Programm. Es wird nur dieses eine Mal gezeigt:',
      how: 'Wo ein Programm nach Name und Passwort fragt, geben Sie {name} und das Token ein.',
      onward: 'Weiter'
    },
    endToken: {
      title: 'Token beenden',
      question: 'Das Token {name} beenden?',
      what: 'Das Programm, das es hat, wird von da an abgewiesen.',
      end: 'Token beenden',
      done: 'Das Token ist beendet.',
      wasOver: 'Dieses Token war schon beendet.'
    },
    endSession: {
      title: 'Sitzung beenden',
      question: 'Diese Sitzung beenden?',
      what: 'Wer sie benutzt, muss sich neu anmelden.',
      end: 'Sitzung beenden',
      done: 'Die Sitzung wurde beendet.',
      wasOver: 'Diese Sitzung war schon beendet.'
    },
    endOthers: {
      title: 'Alle anderen Sitzungen beenden?',
      what: {
        one: 'Es gibt eine weitere Sitzung. Wer sie benutzt, muss sich neu anmelden; hier bleiben Sie angemeldet.',
        other:
          'Es gibt {count} weitere Sitzungen. Wer sie benutzt, muss sich neu anmelden; hier bleiben Sie angemeldet.'
      },
      many: 'Es gibt mindestens {count} weitere Sitzungen. Wer sie benutzt, muss sich neu anmelden; hier bleiben Sie angemeldet.',
      end: 'Alle anderen beenden',
      done: { one: 'Eine andere Sitzung wurde beendet.', other: '{count} andere Sitzungen wurden beendet.' },
      doneMany: 'Mehr als {count} andere Sitzungen wurden beendet.'
    },
    endAll: {
      title: 'Überall abmelden?',
      what: 'Alle Sitzungen werden beendet, auch diese. Danach müssen Sie sich neu anmelden.',
      end: 'Überall abmelden',
      tokens: {
        one: 'Auch das Token eines Programms beenden',
        other: 'Auch die {count} Tokens von Programmen beenden'
      }
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
      secondFactorAsked: 'Richtiges Passwort, danach wurde ein zweiter Faktor verlangt',
      proof: 'Passwort bestätigt',
      signOut: 'Abgemeldet',
      registration: 'Konto angelegt',
      passwordChange: 'Passwort geändert',
      sessionEnd: 'Eine andere Sitzung beendet',
      sessionsEnd: 'Andere Sitzungen beendet',
      sessionEvict: 'Eine Sitzung beendet, weil es zu viele waren',
      accountDisable: 'Konto gesperrt',
      accountEnable: 'Konto freigegeben',
      accountOpen: 'Nach zu vielen falschen Passwörtern oder Codes wieder geöffnet',
      accountRemove: 'Konto gelöscht',
      accountRename: 'Name geändert',
      addressChange: 'E-Mail-Adresse geändert',
      addressUndo: 'Änderung der E-Mail-Adresse zurückgenommen',
      roleChange: 'Rolle geändert',
      gateRefused: 'Eine App, die Ihnen nicht offensteht',
      mailFailed: 'Eine E-Mail an Sie konnte nicht zugestellt werden',
      accountsImport: 'Konten importiert',
      codeAdd: 'Codes aus einer Authenticator-App eingerichtet',
      codeRemove: 'Codes aus einer Authenticator-App abgeschaltet',
      codeRefused: 'Ein falscher Code, nach dem richtigen Passwort',
      passkeyAdd: 'Passkey hinzugefügt',
      passkeyRename: 'Passkey umbenannt',
      passkeyRemove: 'Passkey entfernt',
      passkeyRefused: 'Ein Passkey wurde abgelehnt',
      passkeyCopied: 'Ein Passkey wurde vielleicht kopiert',
      recoveryCodesMake: 'Neue Wiederherstellungscodes erstellt',
      recoveryCodeUse: 'Wiederherstellungscode benutzt',
      factorsDrop: 'Zweite Faktoren entfernt',
      linkMake: 'Link für ein neues Passwort erstellt',
      linkUse: 'Passwort über einen Link gewählt',
      resetRequest: 'Link für ein neues Passwort angefordert',
      invitationMake: 'Jemand wurde eingeladen',
      invitationUse: 'Konto über eine Einladung angelegt',
      invitationWithdraw: 'Eine Einladung wurde zurückgezogen',
      groupAdd: 'Gruppe angelegt',
      groupRemove: 'Gruppe entfernt',
      groupJoin: 'Zu einer Gruppe hinzugefügt',
      groupLeave: 'Aus einer Gruppe entfernt',
      tokenMake: 'Token erstellt',
      tokenEnd: 'Token beendet',
      tokensEnd: 'Alle Tokens beendet'
    },
    remove: {
      title: 'Konto löschen?',
      what: 'Das Konto {name} wird gelöscht, und Sie werden überall abgemeldet. Das lässt sich nicht rückgängig machen, und der Name ist danach wieder frei.',
      only: 'Es ist das einzige Konto. Der nächste Start des Dienstes zeigt einen Link, mit dem das erste wieder angelegt wird.',
      remove: 'Konto löschen',
      keep: 'Konto behalten'
    },
    removed: {
      title: 'Ihr Konto wurde gelöscht',
      what: 'Sie sind überall abgemeldet. Auf Wiedersehen!'
    }
  },
  mail: {
    hello: 'Hallo {name},',
    helloUnknown: 'Hallo,',
    at: 'Wann: {at}',
    where: 'Wo: {device}, IP-Adresse {address}',
    by: 'Wer: {who}',
    reason: 'Warum: {reason}',
    administrator: 'der Administrator {name}',
    operator: 'der Betreiber dieser Seite',
    ifYou: 'Wenn Sie das waren, brauchen Sie nichts zu tun.',
    ifNotYou:
      'Wenn nicht, wählen Sie jetzt ein neues Passwort. Damit wird Ihr Konto auch überall abgemeldet:',
    ifNotAsked: 'Wenn Sie damit nicht gerechnet haben, fragen Sie den Betreiber von {site}.',
    isLast:
      'Das waren mehrere solche Nachrichten in wenigen Stunden, deshalb werden die nächsten dieser Art nicht verschickt. Alles, was geschieht, steht hier:',
    linkOnce: 'Der Link gilt einmal, bis {until}.',
    ignore:
      'Wenn Sie das nicht angefordert haben, brauchen Sie nichts zu tun: Ohne den Link geschieht nichts.',
    reset: {
      subject: 'Ein neues Passwort für {site}',
      what: 'jemand hat ein neues Passwort für Ihr Konto bei {site} angefordert. Wenn Sie das waren, wählen Sie es hier:',
      byOther:
        'ein Administrator von {site} schickt Ihnen einen Link, mit dem Sie ein neues Passwort für Ihr Konto wählen. Wählen Sie es hier:',
      factors: 'Was Sie sonst zum Anmelden brauchen, etwa ein Code oder ein Passkey, bleibt, wie es ist.',
      ignore:
        'Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Ohne den Link bleibt Ihr Passwort, wie es ist.'
    },
    confirmAddress: {
      subject: 'Bitte bestätigen Sie Ihre Adresse für {site}',
      what: 'jemand hat diese Adresse für ein Konto bei {site} eingetragen. Wenn Sie das waren, bestätigen Sie sie hier:'
    },
    addressChanged: {
      subject: 'Die Adresse Ihres Kontos bei {site} wurde geändert',
      what: 'Ihr Konto bei {site} hat diese Adresse nicht mehr: Eine andere ist an ihre Stelle getreten, oder sie wurde entfernt.',
      told: 'Sieben Tage lang erfahren Sie hier noch, was sich an Ihrem Konto ändert.',
      undo: 'Wenn Sie das nicht waren, machen Sie es rückgängig. Dann wird Ihr Konto überall abgemeldet, und Sie wählen ein neues Passwort:'
    },
    addressTaken: {
      subject: 'Sie haben schon ein Konto bei {site}',
      what: 'jemand hat diese Adresse für ein Konto bei {site} eingegeben. Sie haben aber schon eines: Es heißt {name}. Melden Sie sich hier an:',
      forgot: 'Falls Sie Ihr Passwort vergessen haben:',
      ignore: 'Wenn Sie das nicht waren, brauchen Sie nichts zu tun.'
    },
    registration: {
      subject: 'Legen Sie Ihr Konto bei {site} an',
      what: 'jemand möchte mit dieser Adresse ein Konto bei {site} anlegen. Wenn Sie das sind, geht es hier weiter:'
    },
    invitation: {
      subject: 'Ihre Einladung zu {site}',
      what: 'Sie sind zu {site} eingeladen. Wählen Sie hier einen Namen und ein Passwort:',
      by: 'Die Einladung kommt von {name}.',
      ignore: 'Wenn Sie kein Konto möchten, brauchen Sie nichts zu tun.'
    },
    signIn: {
      subject: 'Neue Anmeldung bei {site}',
      what: 'jemand hat sich mit Ihrem Konto bei {site} in einem Browser angemeldet, der dafür bisher nicht benutzt wurde.',
      off: 'Diese Mails können Sie abschalten:'
    },
    passwordChanged: {
      subject: 'Ihr Passwort für {site} wurde geändert',
      what: 'das Passwort Ihres Kontos bei {site} wurde geändert.',
      byLink: 'das Passwort Ihres Kontos bei {site} wurde über einen Link neu gewählt.'
    },
    nameChanged: {
      subject: 'Ihr Name bei {site} wurde geändert',
      what: 'Ihr Konto bei {site} hieß {former} und heißt jetzt {name}. Melden Sie sich mit dem neuen Namen an.'
    },
    factorAdded: {
      subject: 'Ein neuer Weg, sich bei {site} anzumelden',
      codes:
        'für Ihr Konto bei {site} wurde eine Authenticator-App eingerichtet. Mit ihren Codes kann man sich anmelden.',
      passkey: 'der Passkey „{passkey}“ wurde zu Ihrem Konto bei {site} hinzugefügt.',
      remove:
        'Wenn nicht, wählen Sie jetzt ein neues Passwort und entfernen Sie, was nicht von Ihnen ist. Hier stehen alle Wege, sich anzumelden:',
      locked: 'Wenn Sie sich nicht mehr anmelden können, fragen Sie den Betreiber von {site}.'
    },
    factorRemoved: {
      subject: 'Ein Weg, sich bei {site} anzumelden, wurde entfernt',
      codes: 'die Authenticator-App wurde aus Ihrem Konto bei {site} entfernt. Ihre Codes gelten nicht mehr.',
      passkey: 'der Passkey „{passkey}“ wurde aus Ihrem Konto bei {site} entfernt.'
    },
    recoveryCodeUsed: {
      subject: 'Ein Wiederherstellungscode für {site} wurde benutzt',
      what: 'ein Wiederherstellungscode Ihres Kontos bei {site} wurde benutzt. An seiner Stelle wurde ein neuer gezeigt.'
    },
    recoveryCodesMade: {
      subject: 'Neue Wiederherstellungscodes für {site}',
      what: 'für Ihr Konto bei {site} wurden neue Wiederherstellungscodes erstellt. Die bisherigen gelten nicht mehr.'
    },
    factorsDropped: {
      subject: 'Für Ihr Konto bei {site} genügt wieder das Passwort',
      what: 'die Codes, Passkeys und Wiederherstellungscodes Ihres Kontos bei {site} wurden entfernt. Melden Sie sich mit Ihrem Passwort an und richten Sie sie neu ein:'
    },
    linkMade: {
      subject: 'Ein Link für ein neues Passwort bei {site}',
      what: 'es gibt einen Link, mit dem man ein neues Passwort für Ihr Konto bei {site} wählen kann. Er gilt einmal, bis {until}.',
      andFactors: 'Er entfernt auch die Codes, Passkeys und Wiederherstellungscodes des Kontos.',
      ifNotAsked:
        'Wenn Sie nicht darum gebeten haben, fragen Sie den Betreiber von {site}, wer ihn bekommen hat.'
    },
    codesRefused: {
      subject: 'Ihr Passwort für {site} war richtig, der Code nicht',
      sessionSubject: 'Falsche Codes für Ihr Konto bei {site}',
      what: 'jemand hat das richtige Passwort Ihres Kontos bei {site} eingegeben, danach aber einen falschen Code. Angemeldet wurde niemand.',
      session:
        'jemand, der mit Ihrem Konto bei {site} angemeldet ist, hat mehrere falsche Codes eingegeben. Bis zum nächsten Versuch muss er warten.',
      ifYou: 'Wenn Sie das waren, brauchen Sie nichts zu tun: Versuchen Sie es mit dem nächsten Code.',
      ifNotYou:
        'Wenn Sie das nicht waren, kennt jemand Ihr Passwort. Wählen Sie jetzt ein neues, auch überall sonst, wo Sie es benutzen:'
    },
    codesClosed: {
      subject: 'Ihre Codes für {site} gelten nicht mehr',
      app: 'für Ihr Konto bei {site} wurden zu viele falsche Codes eingegeben, deshalb gilt keiner aus Ihrer Authenticator-App mehr. Melden Sie sich mit einem Passkey oder einem Wiederherstellungscode an, und richten Sie die App neu ein:',
      recovery:
        'für Ihr Konto bei {site} wurden zu viele falsche Wiederherstellungscodes eingegeben, deshalb gilt keiner mehr. Melden Sie sich mit Ihrer App oder einem Passkey an, und erstellen Sie neue:'
    },
    tokenMade: {
      subject: 'Ein neues Token für Ihr Konto bei {site}',
      what: 'für Ihr Konto bei {site} wurde das Token „{token}“ erstellt. Bis {until} kann ein Programm damit in Ihrem Namen handeln.',
      ifNotYou: 'Wenn nicht, wählen Sie jetzt ein neues Passwort und beenden Sie das Token hier:'
    },
    tokenEnded: {
      subject: 'Ein Token Ihres Kontos bei {site} wurde beendet',
      subjectAll: 'Alle Tokens Ihres Kontos bei {site} wurden beendet',
      what: 'das Token „{token}“ Ihres Kontos bei {site} wurde beendet. Damit kann kein Programm mehr in Ihrem Namen handeln.',
      all: 'alle Tokens Ihres Kontos bei {site} wurden beendet. Damit kann kein Programm mehr in Ihrem Namen handeln.'
    },
    roleChanged: {
      subject: 'Ihre Rolle bei {site} wurde geändert',
      admin:
        'Sie sind jetzt Administrator von {site}. Sie wurden überall abgemeldet: Melden Sie sich neu an.',
      user: 'Sie sind nicht mehr Administrator von {site}. Sie wurden überall abgemeldet: Melden Sie sich neu an.'
    },
    accountDisabled: {
      subject: 'Ihr Konto bei {site} wurde gesperrt',
      what: 'Ihr Konto bei {site} wurde gesperrt. Sie sind überall abgemeldet und können sich nicht anmelden. Gelöscht wurde nichts.'
    },
    accountEnabled: {
      subject: 'Sie können sich bei {site} wieder anmelden',
      what: 'Ihr Konto bei {site} war gesperrt und ist wieder frei. Sie können sich wie zuvor anmelden:'
    },
    administered: {
      signedOut: 'Sie wurden bei {site} abgemeldet',
      everywhere:
        'Sie wurden überall von Ihrem Konto bei {site} abgemeldet. Sie können sich wieder anmelden.',
      oneBrowser:
        'Sie wurden in einem Browser von Ihrem Konto bei {site} abgemeldet. Sie können sich wieder anmelden.',
      opened: 'Sie können wieder versuchen, sich bei {site} anzumelden',
      openedWhat:
        'falsche Passwörter und Codes für Ihr Konto bei {site} sind vergessen. Melden Sie sich mit den richtigen an wie zuvor.',
      joined: 'Sie sind bei {site} in einer weiteren Gruppe',
      joinedWhat: 'Ihr Konto bei {site} wurde in die Gruppe „{group}“ aufgenommen.',
      left: 'Sie sind bei {site} nicht mehr in einer Gruppe',
      leftWhat: 'Ihr Konto bei {site} wurde aus der Gruppe „{group}“ genommen.'
    },
    accountRemoved: {
      subject: 'Ihr Konto bei {site} wurde gelöscht',
      what: 'Ihr Konto bei {site} wurde endgültig gelöscht. Dies ist die letzte Mail dazu.',
      notYou: 'Wenn Sie das nicht waren, fragen Sie den Betreiber von {site}.'
    },
    test: {
      subject: 'Mails von {site} kommen an',
      what: 'der Betreiber von {site} hat diese Mail geschickt, um zu sehen, ob sie ankommt. Sie ist angekommen. Sie brauchen nichts zu tun.'
    }
  },
  admin: {
    pages: 'Verwaltung',
    toPeople: 'Konten',
    toActivity: 'Was geschehen ist',
    toStatus: 'Wie es läuft',
    done: 'Erledigt.',
    wasOver: 'Das war schon beendet.',
    changed: 'Nichts wurde getan: Das Konto hat sich seit der Frage geändert. Sehen Sie noch einmal hin.',
    people: {
      title: 'Konten',
      find: 'Anfang des Namens oder der Adresse',
      search: 'Suchen',
      order: 'Reihenfolge',
      byName: 'Nach Namen',
      byCreated: 'Neueste zuerst',
      byLastSignIn: 'Zuletzt angemeldete zuerst',
      none: 'Kein Name und keine Adresse beginnt mit „{text}“.',
      noneYet: 'Keines der durchgesehenen Konten. Gehen Sie weiter.',
      noMore: 'Es gibt keine weiteren Konten.',
      first: 'Erste Seite',
      previous: 'Vorige Seite',
      next: 'Nächste Seite'
    },
    person: {
      title: 'Konto',
      own: 'Das ist Ihr eigenes Konto. Was hier fehlt, finden Sie oben unter Ihrem Namen, oder ein anderer Administrator tut es.',
      isDisabled: 'Dieses Konto ist gesperrt: Niemand kann sich damit anmelden.',
      closedToAll:
        'Nach zu vielen falschen Passwörtern kann sich niemand damit anmelden, bis Sie es wieder öffnen.',
      closedToNew:
        'Nach zu vielen falschen Passwörtern kann sich niemand damit in einem Browser anmelden, in dem es nicht schon benutzt wurde, bis Sie es wieder öffnen.',
      id: 'Kennung',
      role: 'Rolle',
      admin: 'Administrator',
      user: 'Benutzer',
      disabled: 'Gesperrt',
      email: 'Adresse',
      since: 'Angelegt',
      signedIn: 'Letzte Anmeldung',
      seen: 'Zuletzt gesehen',
      never: 'Nie',
      disabledAt: 'Gesperrt seit',
      wrong: 'Falsche Passwörter in Folge',
      sessions: 'Sitzungen',
      noSessions: 'Nirgends angemeldet.',
      factors: 'Zweite Faktoren',
      noFactors: 'Keine: Das Passwort allein genügt zur Anmeldung.',
      codesClosed: 'Es gab zu viele falsche Codes, deshalb gilt keiner mehr.',
      passkey: 'Passkey',
      recoveryLeft: {
        one: '{count} Wiederherstellungscode ist übrig.',
        other: '{count} Wiederherstellungscodes sind übrig.'
      },
      recoveryClosed: 'Es gab zu viele falsche Wiederherstellungscodes, deshalb gilt keiner mehr.',
      groups: 'Gruppen',
      noGroups: 'In keiner Gruppe.',
      tokens: 'Tokens für Programme',
      activity: 'Letzte Ereignisse',
      allActivity: 'Alle Ereignisse',
      danger: 'Was etwas wegnimmt'
    },
    action: {
      title: 'Sind Sie sicher?',
      reason: 'Grund',
      reasonIfAny: 'Grund, falls es einen gibt',
      aboutReason: 'Wen es betrifft, kann ihn unter den eigenen Ereignissen lesen.'
    },
    endSession: {
      question: 'Diese Sitzung von {name} beenden?',
      what: 'Wer sie benutzt, muss sich neu anmelden.',
      act: 'Diese Sitzung beenden'
    },
    endSessions: {
      question: '{name} überall abmelden?',
      what: 'Alle Sitzungen enden. Tokens von Programmen bleiben.',
      act: 'Überall abmelden'
    },
    open: {
      question: 'Das Konto {name} wieder öffnen?',
      what: 'Falsche Passwörter und falsche Codes werden vergessen.',
      act: 'Falsche Passwörter und Codes vergessen'
    },
    enable: {
      question: 'Das Konto {name} freigeben?',
      what: 'Die Person kann sich wieder anmelden. Falsche Passwörter werden vergessen.',
      act: 'Konto freigeben'
    },
    disable: {
      question: 'Das Konto {name} sperren?',
      what: 'Es wird überall abgemeldet, und niemand kann sich damit anmelden, bis es freigegeben wird.',
      act: 'Konto sperren'
    },
    mailLink: {
      question: '{name} einen Link für ein neues Passwort mailen?',
      what: 'Der Link geht an die Adresse des Kontos und gilt einmal, 30 Minuten lang. In 20 Minuten geht höchstens einer hinaus.',
      act: 'Link für ein neues Passwort mailen'
    },
    link: {
      question: 'Einen Link für ein neues Passwort von {name} erstellen?',
      what: 'Wer den Link hat, kann einmal, innerhalb einer Stunde, das Passwort wählen. Zweite Faktoren bleiben, wie sie sind.',
      act: 'Link für ein neues Passwort erstellen'
    },
    linkAndFactors: {
      question: 'Einen Link für {name} erstellen, der auch zweite Faktoren entfernt?',
      what: 'Wer den Link hat, kann einmal, innerhalb einer Stunde, das Passwort wählen und braucht dann nichts weiter. Seien Sie sicher, wer Sie darum bittet.',
      act: 'Link für ein neues Passwort erstellen, der auch zweite Faktoren entfernt'
    },
    linkMade: {
      title: 'Ein Link für {name}',
      what: 'Geben Sie ihn {name} und niemandem sonst. Er wird nur dieses eine Mal gezeigt:',
      until: 'Er gilt einmal, bis',
      back: 'Weiter'
    },
    dropFactors: {
      question: 'Die zweiten Faktoren von {name} entfernen?',
      what: 'Codes, Passkeys und Wiederherstellungscodes werden entfernt, und das Konto wird überall abgemeldet. Danach genügt das Passwort. Seien Sie sicher, wer Sie darum bittet.',
      act: 'Zweite Faktoren entfernen'
    },
    grant: {
      question: '{name} zum Administrator machen?',
      what: 'Administratoren sehen und ändern alle Konten. Das Konto wird überall abgemeldet.',
      act: 'Zum Administrator machen'
    },
    revoke: {
      question: 'Soll {name} nicht mehr Administrator sein?',
      what: 'Das Konto bleibt und wird überall abgemeldet.',
      act: 'Die Rolle des Administrators nehmen'
    },
    join: {
      question: '{name} in eine Gruppe aufnehmen',
      what: 'Das gilt sofort, und niemand wird abgemeldet.',
      group: 'Gruppe',
      act: 'In eine Gruppe aufnehmen'
    },
    leave: {
      question: '{name} aus der Gruppe {group} nehmen?',
      what: 'Das gilt sofort, und niemand wird abgemeldet.',
      act: 'Aus dieser Gruppe nehmen'
    },
    endToken: {
      question: 'Das Token {token} von {name} beenden?',
      what: 'Das Programm, das es hat, wird von da an abgewiesen.',
      act: 'Dieses Token beenden'
    },
    endTokens: {
      question: 'Alle Tokens von {name} beenden?',
      what: 'Die Programme, die sie haben, werden von da an abgewiesen.',
      act: 'Alle Tokens beenden'
    },
    remove: {
      question: 'Das Konto {name} löschen?',
      what: 'Es wird überall abgemeldet und endgültig gelöscht. Das lässt sich nicht rückgängig machen, und der Name ist danach wieder frei.',
      act: 'Konto löschen'
    },
    invitations: {
      title: 'Jemanden einladen',
      what: 'Die Person bekommt einen Link per Mail, wählt einen Namen und ein Passwort und ist dabei. Der Link gilt einmal, 72 Stunden lang.',
      inFiles:
        'Hier wird noch keine Mail versendet: Jede wird in eine Datei in {folder} geschrieben. Geben Sie den Link darin selbst weiter. MAIL_URL sagt, wer Mail versendet.',
      address: 'E-Mail-Adresse',
      administrator: 'Als Administrator',
      invite: 'Einladung senden',
      made: 'Die Einladung geht an {address}.',
      noMail:
        'Diese Seite versendet keine Mails, deshalb kann niemand eingeladen werden. Wer sie betreibt, kann MAIL_URL setzen.',
      open: 'Offene Einladungen',
      until: 'Gilt bis',
      withdraw: 'Zurückziehen',
      withdrawn: 'Die Einladung wurde zurückgezogen.',
      back: 'Zurück zu den Konten'
    },
    activity: {
      title: 'Was geschehen ist',
      person: 'Wen es betraf',
      aboutPerson: 'Ein Name oder eine Kennung.',
      kind: 'Was',
      anything: 'Alles',
      by: 'Wer es tat',
      address: 'Von welcher Adresse',
      from: 'Von Tag',
      to: 'Bis Tag',
      badDay: 'Diesen Tag gibt es nicht.',
      find: 'Suchen',
      all: 'Alles zeigen',
      export: 'Alles davon als JSON-Zeilen herunterladen',
      none: 'Nichts dergleichen wurde gefunden.',
      noneYet:
        'In den 10.000 durchgesehenen Ereignissen wurde nichts gefunden. Gehen Sie weiter zu früheren.',
      whom: 'Wen',
      who: 'Durch',
      command: 'die Befehlszeile',
      system: 'diese Seite',
      visitor: 'einen Besucher',
      themselves: 'die Person selbst',
      at: 'Von',
      reason: 'Grund',
      detail: 'Näheres',
      formerName: 'Früherer Name',
      pages: 'Seiten',
      latest: 'Neueste',
      later: 'Spätere',
      earlier: 'Frühere'
    },
    status: {
      title: 'Wie es läuft',
      version: 'Version',
      sessions: 'Sitzungen jetzt',
      unknown: 'Nicht bekannt',
      about: 'Etwa {count}',
      atLeast: 'Mehr als {count}',
      accountsStore: 'Datenbank der Konten',
      sessionStore: 'Speicher der Sitzungen',
      answers: {
        one: 'Antwortet innerhalb von {count} Millisekunde',
        other: 'Antwortet innerhalb von {count} Millisekunden'
      },
      fails: {
        one: 'Antwortet nicht oder nimmt nichts an: {count} Millisekunde',
        other: 'Antwortet nicht oder nimmt nichts an: {count} Millisekunden'
      },
      mail: 'Mail',
      mailOff: 'Es wird keine versendet',
      mailWaiting: { one: '{count} Nachricht wartet', other: '{count} Nachrichten warten' },
      mailFailed: {
        one: '{count} ließ sich nicht versenden',
        other: '{count} ließen sich nicht versenden'
      },
      mailInFiles: 'Mail wird hier nicht versendet, sondern in Dateien in {folder} geschrieben.',
      mailProblem: 'Zurzeit lässt sich nichts versenden. Warum, steht im Protokoll.',
      warnings: 'Warnungen beim Start',
      day: 'Anmeldungen der letzten 24 Stunden',
      dayChart: 'Ein Balken für jede Stunde. Die Zahlen stehen in der Tabelle darunter.',
      month: 'Anmeldungen der letzten 30 Tage',
      monthChart: 'Ein Balken für jeden Tag. Die Zahlen stehen in der Tabelle darunter.',
      totals: '{succeeded} gelangen, {refused} wurden abgelehnt, {throttled} mussten warten.',
      most: 'Der höchste Balken steht für {count}. Abgelehnte Anmeldungen stehen über den gelungenen, und die, die warten mussten, über beiden.',
      asTable: 'Als Tabelle',
      from: 'Ab',
      succeeded: 'Gelungen',
      refused: 'Abgelehnt',
      throttled: 'Mussten warten',
      settings: 'Einstellungen',
      aboutSettings: 'Wie sie seit dem Start gelten. Geheimnisse werden nicht gezeigt.',
      default: 'Vorgabe',
      environment: 'aus der Umgebung'
    }
  },
  api: {
    title: 'Für Programme',
    what: 'Alle Anfragen, die Programme an diese Seite senden können. Fehler kommen als problem+json mit einem festen Code.',
    addresses: 'Alle Adressen',
    document: 'Dasselbe als OpenAPI-Dokument',
    optional: '(optional)',
    answers: 'Antwort',
    refuses: 'Mögliche Fehler:',
    fields: 'Was die Felder der Antworten bedeuten',
    refusals: 'Was die Fehler bedeuten'
  },
  confirm: {
    title: 'Bestätigen, dass Sie es sind',
    why: 'Sie sind als {name} angemeldet. Geben Sie Ihr Passwort noch einmal ein, um fortzufahren.',
    whyMore: 'Sie sind als {name} angemeldet. Für Ihr Vorhaben genügt das Passwort allein nicht.',
    whySetUp:
      'Sie sind als {name} angemeldet. Ihr Vorhaben braucht einen zweiten Weg zur Anmeldung, den Sie gleich einrichten. Geben Sie zuerst Ihr Passwort ein.',
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
    soon: 'Sie werden {when} abgemeldet, wenn Sie nicht angemeldet bleiben.',
    over: 'Sie sind abgemeldet.',
    stay: 'Angemeldet bleiben',
    signIn: 'Erneut anmelden'
  },
  passwordField: {
    capsLock: 'Die Feststelltaste ist an.',
    show: 'Anzeigen',
    hide: 'Verbergen',
    showLabel: 'Eingabe anzeigen',
    hideLabel: 'Eingabe verbergen'
  },
  refused: {
    title: 'Steht Ihnen nicht offen',
    toYou: '{host} steht {name} nicht offen. Wer die Seite betreibt, bestimmt, wer sie nutzen darf.',
    toVisitors: '{host} steht Besuchern nicht offen. Wer die Seite betreibt, bestimmt, wer sie nutzen darf.',
    somebodyElse: 'Als jemand anderes anmelden',
    again: 'Noch einmal versuchen'
  },
  error: {
    signIn: 'Anmelden',
    toStart: 'Zur Startseite'
  },
  headings: {
    'Bad Request': 'Das hat nicht geklappt',
    Unauthorized: 'Bitte zuerst anmelden',
    Forbidden: 'Nicht erlaubt',
    'Not Found': 'Hier ist nichts',
    'Payload Too Large': 'Das ist zu viel',
    'Too Many Requests': 'Zu viele Versuche',
    'Internal Server Error': 'Etwas ist schiefgegangen',
    'Service Unavailable': 'Gleich wieder da',
    Error: 'Das hat nicht geklappt'
  },
  errors: {
    LATCHKEY_SIGN_IN_REQUIRED: 'Melden Sie sich zuerst an: Nur wer angemeldet ist, kann diese Seite sehen.',
    LATCHKEY_RECENT_PROOF_REQUIRED:
      'Bestätigen Sie zuerst Ihr Passwort: Ihre Anmeldung liegt schon eine Weile zurück.',
    LATCHKEY_SECOND_FACTOR_REQUIRED: 'Das Passwort allein genügt hier nicht. Geben Sie auch einen Code ein.',
    LATCHKEY_SECOND_FACTOR_NOT_SET_UP:
      'Das Passwort allein genügt hier nicht. Richten Sie zuerst einen zweiten Weg zur Anmeldung ein.',
    LATCHKEY_WRONG_CODE:
      'Dieser Code gilt nicht. Warten Sie auf den nächsten in Ihrer App, oder nehmen Sie einen Wiederherstellungscode.',
    LATCHKEY_CODES_CLOSED:
      'Zu viele Codes waren falsch. Deshalb gilt für dieses Konto kein Code aus einer App mehr. Nehmen Sie einen Wiederherstellungscode oder einen Passkey.',
    LATCHKEY_WRONG_CREDENTIALS: 'Name und Passwort passen nicht zusammen.',
    LATCHKEY_PASSKEY_REFUSED:
      'Dieser Passkey wurde nicht angenommen. Versuchen Sie es noch einmal, oder melden Sie sich auf andere Weise an.',
    LATCHKEY_PASSKEY_UNKNOWN:
      'Dieser Passkey ist hier nicht bekannt: Er oder sein Konto wurde entfernt. Melden Sie sich auf andere Weise an.',
    LATCHKEY_PASSKEY_UNVERIFIED:
      'Dieser Passkey hat nicht nach Fingerabdruck, Gesicht oder PIN gefragt und genügt deshalb nicht allein. Melden Sie sich mit Ihrem Passwort an.',
    LATCHKEY_PASSKEY_TAKEN: 'Dieser Passkey ist schon in Gebrauch. Es wurde nichts hinzugefügt.',
    LATCHKEY_THROTTLED:
      'Für diesen Namen gab es zu viele Fehlversuche. Melden Sie sich in einem Browser an, in dem Sie sich mit Ihrem jetzigen Passwort schon angemeldet haben, oder fragen Sie den Betreiber dieser Seite.',
    LATCHKEY_SIGN_IN_UNDONE: 'Das Konto wurde gerade geändert. Melden Sie sich noch einmal an.',
    LATCHKEY_NOT_ALLOWED:
      'Das steht Ihnen nicht offen. Wer diese Website betreibt, bestimmt, wer es nutzen darf.',
    LATCHKEY_ROLE_REQUIRED: 'Das können nur Administratoren. Wenden Sie sich an jemanden mit dieser Rolle.',
    LATCHKEY_TOKEN_REFUSED:
      'Dieses Token gilt nicht oder nicht mehr. Unter /account/tokens können Sie ein neues erstellen.',
    LATCHKEY_TOKEN_NOT_ENOUGH: 'Dafür genügt kein Token. Melden Sie sich an.',
    LATCHKEY_GROUP_REQUIRED: 'Ihr Konto darf das nicht. Wenden Sie sich an einen Administrator.',
    LATCHKEY_BAD_INPUT:
      'Die Eingabe konnte nicht gelesen werden. Gehen Sie zurück, prüfen Sie sie und senden Sie sie noch einmal.',
    LATCHKEY_ADDRESS_TOO_LONG: 'Diese Adresse ist zu lang: Erlaubt sind bis zu {longest} Zeichen.',
    LATCHKEY_INSECURE_CONNECTION:
      'Die Anmeldung ist nur über https möglich: Öffnen Sie diese Seite unter ihrer https-Adresse. Wenn Sie das getan haben, muss der Betreiber TRUST_PROXY auf die Adresse des https-Proxys setzen.',
    LATCHKEY_NAME_TAKEN: 'Dieser Name ist vergeben. Wählen Sie einen anderen.',
    LATCHKEY_FIRST_ACCOUNT_CODE:
      'Es gibt noch kein Konto. Wenn das Ihre Seite ist, öffnen Sie den Link zum ersten Konto, den sie beim Start ausgegeben hat, oder rufen Sie auf: latchkey users add NAME --admin',
    LATCHKEY_REGISTRATION_CLOSED:
      'Hier kann sich niemand registrieren. Bitten Sie den Betreiber dieser Seite um ein Konto.',
    LATCHKEY_CROSS_SITE:
      'Diese Anfrage kam von einer anderen Seite, deshalb wurde nichts geändert. Gehen Sie zurück und versuchen Sie es von hier aus.',
    LATCHKEY_UNKNOWN_HOST:
      'Diese Seite ist unter dem Namen „{host}“ nicht bekannt, deshalb wurde nichts geändert. Der Betreiber muss PUBLIC_URL auf die Adresse setzen, unter der sie geöffnet wird.',
    LATCHKEY_BUSY:
      'Gerade melden sich zu viele Menschen an. Versuchen Sie es in ein paar Sekunden noch einmal.',
    LATCHKEY_OVERLOADED:
      'Diese Seite ist gerade überlastet. Versuchen Sie es in ein paar Sekunden noch einmal.',
    LATCHKEY_STORAGE_UNAVAILABLE:
      'Unser Datenspeicher antwortet gerade nicht. Es ist nichts verloren: Versuchen Sie es gleich noch einmal.',
    LATCHKEY_CHANGE_UNKNOWN:
      'Unser Datenspeicher hat nicht rechtzeitig geantwortet. Vielleicht wurde die Änderung gemacht, vielleicht nicht. Sie können sie gefahrlos noch einmal machen. Nach einer Änderung des Passworts versuchen Sie zuerst das neue.',
    LATCHKEY_INTERNAL: 'Bei uns ist etwas schiefgegangen. Versuchen Sie es noch einmal.',
    LATCHKEY_NO_SUCH_GROUP: 'Es gibt keine Gruppe namens „{group}“.',
    LATCHKEY_NO_SUCH_ACCOUNT: 'Es gibt kein Konto namens „{name}“.',
    LATCHKEY_ADDRESS_TAKEN:
      'Diese Adresse gehört zu einem anderen Konto. Nehmen Sie eine andere, oder melden Sie sich dort an.',
    LATCHKEY_ADDRESS_LINK_INVALID:
      'Dieser Link funktioniert nicht mehr, oder er ist für ein anderes Konto. Geben Sie die Adresse in Ihrem Konto noch einmal ein, dann bekommen Sie einen neuen.',
    LATCHKEY_LINK_INVALID:
      'Dieser Link funktioniert nicht mehr: Er wurde benutzt, ist zu alt, oder es hat sich seither etwas geändert. Fordern Sie einen neuen an.',
    LATCHKEY_MAIL_OFF:
      'Diese Website verschickt keine E-Mails, also kann Sie kein Link erreichen. Fragen Sie, wer sie betreibt.',
    LATCHKEY_HAS_ACCOUNT: '{address} gehört schon zum Konto {name}. Es wurde niemand eingeladen.',
    LATCHKEY_NO_SUCH_INVITATION: 'Diese Einladung gibt es nicht mehr.',
    LATCHKEY_OTHER_USER:
      'Dieses Formular gehört zu jemand anderem: Seither hat sich eine andere Person angemeldet. Es ist nichts geschehen.',
    LATCHKEY_OWN_ACCOUNT: 'Das ist Ihr eigenes Konto. Ein anderer Administrator kann das tun.',
    LATCHKEY_NO_ADDRESS: '{name} hat keine bestätigte Adresse, also lässt sich dorthin nichts senden.',
    LATCHKEY_ACCOUNT_DISABLED: '{name} ist gesperrt oder wurde eben geändert. Nichts wurde getan.',
    LATCHKEY_LAST_SECOND_FACTOR:
      'Kein anderer Administrator hat einen zweiten Faktor. Lassen Sie zuerst einen anderen einen einrichten.',
    LATCHKEY_LAST_ADMINISTRATOR:
      'Das ist der letzte Administrator, deshalb wurde nichts geändert. Machen Sie zuerst jemand anderen dazu.',
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
    },
    closed:
      'Für diesen Namen gab es zu viele Fehlversuche. Bitten Sie den Betreiber dieser Seite, ihn wieder freizugeben.',
    session: 'Seit Sie sich angemeldet haben, gab es zu viele Fehlversuche. Melden Sie sich ab und wieder an.'
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
  mailThrottled: {
    seconds: {
      one: 'Wir haben gerade eine E-Mail geschickt. Sehen Sie im Postfach nach, oder versuchen Sie es in {count} Sekunde noch einmal.',
      other:
        'Wir haben gerade eine E-Mail geschickt. Sehen Sie im Postfach nach, oder versuchen Sie es in {count} Sekunden noch einmal.'
    },
    minutes: {
      one: 'Wir haben gerade eine E-Mail geschickt. Sehen Sie im Postfach nach, oder versuchen Sie es in {count} Minute noch einmal.',
      other:
        'Wir haben gerade eine E-Mail geschickt. Sehen Sie im Postfach nach, oder versuchen Sie es in {count} Minuten noch einmal.'
    }
  },
  tokensThrottled: {
    seconds: {
      one: 'Aus Ihrem Netz wurden zu viele Tokens probiert. Versuchen Sie es in {count} Sekunde noch einmal.',
      other:
        'Aus Ihrem Netz wurden zu viele Tokens probiert. Versuchen Sie es in {count} Sekunden noch einmal.'
    },
    minutes: {
      one: 'Aus Ihrem Netz wurden zu viele Tokens probiert. Versuchen Sie es in {count} Minute noch einmal.',
      other:
        'Aus Ihrem Netz wurden zu viele Tokens probiert. Versuchen Sie es in {count} Minuten noch einmal.'
    }
  },
  tokens: {
    badName: 'Ein Name hat 1 bis {most} Zeichen, ohne Steuerzeichen.',
    badDays: 'Ein Token gilt 1 bis {most} Tage.',
    strangeHost: '{host} ist keine Anwendung hinter dieser Anmeldung.',
    forNothing: 'Geben Sie an, für welche Anwendungen das Token gilt.',
    forApiAlone:
      'Hinter dieser Anmeldung ist keine Anwendung: Kreuzen Sie an, dass das Token für die API gilt.',
    tooMany: 'Sie haben {most} Tokens. Beenden Sie zuerst eines davon.'
  },
  input: {
    notYourPassword: 'Das ist nicht Ihr Passwort.',
    tooManyFields: 'Ein Formular darf bis zu {most} Felder haben.',
    reason: 'Geben Sie einen Grund mit höchstens {most} Zeichen an.'
  },
  email: {
    missing: 'Geben Sie eine E-Mail-Adresse ein.',
    invalid: 'Geben Sie genau eine E-Mail-Adresse ein, etwa name@example.org.',
    tooLong: 'So lang ist keine E-Mail-Adresse.',
    unchanged: 'Das ist bereits Ihre Adresse.',
    isName: 'Ihr Name ist diese Adresse. Ändern Sie zuerst Ihren Namen.'
  },
  names: {
    missing: 'Wählen Sie einen Namen.',
    tooLong: 'Dieser Name hat {count} Zeichen; erlaubt sind bis zu {most}.',
    spaceAround: 'Ein Name darf nicht mit einem Leerzeichen beginnen oder enden.',
    control: 'Ein Name darf keine Steuerzeichen enthalten.',
    invisible: 'Ein Name braucht mindestens ein sichtbares Zeichen.',
    character:
      'Ein Name darf {character} nicht enthalten: erlaubt sind Buchstaben, Ziffern und Zeichen wie @ . - _.',
    directions: 'Ein Wort eines Namens darf nicht Buchstaben beider Schreibrichtungen enthalten.',
    address:
      'Ein Name mit @ muss die bestätigte Adresse des Kontos sein. Wählen Sie einen ohne @: Sobald Ihre Adresse bestätigt ist, können Sie sich ohnehin damit anmelden.',
    unchanged: 'Das ist der jetzige Name. Wählen Sie einen anderen.',
    tooManyFormer:
      'Sie haben in den letzten 30 Tagen {most} Namen aufgegeben. Nehmen Sie einen davon zurück, oder warten Sie.',
    nobodys: 'Es gibt kein Konto namens „{name}“.',
    notYourAddress: 'Eine E-Mail-Adresse als Name muss Ihre eigene sein: die, an die dieser Link ging.'
  },
  passwords: {
    missing: 'Das Passwort fehlt.',
    tooShort: {
      other:
        'Dieses Passwort hat {count} Zeichen, nötig sind mindestens {least}. Ein paar Wörter hintereinander eignen sich gut.'
    },
    tooLong: 'Dieses Passwort hat {count} Zeichen; erlaubt sind bis zu {most}.',
    halfCharacter: 'Dieses Passwort enthält ein unvollständiges Zeichen. Geben Sie es noch einmal ein.',
    easy: 'Dieses Passwort besteht fast nur aus {kinds}, und das probieren Angreifer zuerst. Nehmen Sie drei oder mehr Wörter, die nicht zusammengehören, oder lassen Sie den Browser eines vorschlagen.',
    easyKinds: {
      common: 'gängigen Wörtern',
      context: 'Ihrem Namen oder dem Namen dieser Seite',
      row: 'einer Reihe von Zeichen',
      repeated: 'wenigen wiederholten Zeichen'
    }
  }
}

export default german
