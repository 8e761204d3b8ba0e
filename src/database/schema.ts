// Generated from the steps of migrations.ts: "npm run schema".

/** The tables of an embedded database, as all steps make them. */
export const schema = `
CREATE TABLE "latchkey_migration" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null);
CREATE TABLE "latchkey_migration_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null);
CREATE TABLE "accounts" ("key" text primary key, "id" text not null unique, "name" text not null, "skeleton" text not null, "key_skeleton" text not null, "registered" integer default 0 not null, "password_hash" text not null, "version" integer not null, "created_at" bigint not null, "first" integer unique, "role" text default 'user' not null, "disabled_at" bigint, "failed_attempts" integer default 0 not null, "kept_session" text, "ended_by" text, "second_factors" integer default 0 not null, "wrong_recovery_codes" integer default 0 not null, "email" text, "email_key" text, "language" text, "email_at" bigint, "sign_in_notices" integer default 1 not null, "signed_in_at" bigint default 0 not null);
CREATE INDEX "accounts_skeleton" on "accounts" ("skeleton");
CREATE UNIQUE INDEX "accounts_registered_skeleton" on "accounts" ("skeleton") where "registered" = 1;
CREATE INDEX "accounts_key_skeleton" on "accounts" ("key_skeleton");
CREATE UNIQUE INDEX "accounts_registered_key_skeleton" on "accounts" ("key_skeleton") where "registered" = 1;
CREATE TABLE "audit" ("id" text primary key, "at" bigint not null, "event" text not null, "name" text, "account" text, "actor_kind" text, "actor_name" text, "actor_account" text, "address" text, "session" text, "former_name" text, "detail" text, "reason" text);
CREATE INDEX "audit_at" on "audit" ("at");
CREATE INDEX "audit_name_at" on "audit" ("name", "at");
CREATE INDEX "audit_account_at" on "audit" ("account", "at");
CREATE TABLE "sessions" ("key" text primary key, "record" text not null, "owner" text, "expires_at" bigint not null, "used_at" bigint default 0 not null);
CREATE INDEX "sessions_expires_at" on "sessions" ("expires_at");
CREATE INDEX "sessions_owner" on "sessions" ("owner", "used_at") where "owner" is not null;
CREATE TABLE "attempts" ("key" text primary key, "count" real not null, "at" bigint not null, "blocked_until" bigint not null, "expires_at" bigint not null);
CREATE INDEX "tries_expires_at" on "attempts" ("expires_at");
CREATE TABLE "devices" ("account" text not null, "id" text not null, "version" integer not null, "used_at" bigint not null, constraint "devices_key" primary key ("account", "id"));
CREATE TABLE "ledger" ("id" text primary key, "swept" bigint not null, "era" integer not null, "ended" bigint default 0 not null);
CREATE TABLE "endings" ("n" integer primary key autoincrement, "nonce" text not null unique, "kind" text not null, "key" text, "owner" text, "name" text, "gen" integer, "epoch" integer, "keep" text, "until" bigint not null, "at" bigint default (CAST(unixepoch('subsec') * 1000 AS INTEGER)) not null, "label" text);
CREATE INDEX "endings_key" on "endings" ("key", "n");
CREATE INDEX "endings_owner" on "endings" ("kind", "owner", "n");
CREATE INDEX "endings_name" on "endings" ("name", "n");
CREATE INDEX "endings_until" on "endings" ("until", "n");
CREATE TRIGGER accounts_changed AFTER UPDATE OF version ON accounts WHEN NEW.version <> OLD.version BEGIN
    INSERT INTO endings (nonce, kind, owner, name, epoch, keep, until) VALUES (lower(hex(randomblob(16))), 'account', NEW.id, NEW.name, NEW.version, NEW.kept_session,
    CAST(unixepoch('subsec') * 1000 AS INTEGER) + 34560000000);
  END;
CREATE TRIGGER era_begun AFTER INSERT ON endings WHEN NEW.kind = 'era' BEGIN
    UPDATE ledger SET era = NEW.epoch WHERE era < NEW.epoch;
  END;
CREATE TRIGGER ended_0 AFTER INSERT ON endings BEGIN UPDATE ledger SET ended = ended + 1; END;
CREATE TRIGGER ended_1 AFTER DELETE ON sessions WHEN OLD.owner IS NOT NULL  AND OLD.expires_at > unixepoch('subsec') * 1000 BEGIN UPDATE ledger SET ended = ended + 1; END;
CREATE TRIGGER ended_2 AFTER UPDATE OF owner ON sessions WHEN OLD.owner IS NOT NULL AND NEW.owner IS NOT OLD.owner AND OLD.expires_at > unixepoch('subsec') * 1000 BEGIN UPDATE ledger SET ended = ended + 1; END;
CREATE TABLE "former_names" ("account" text not null, "key" text not null, "name" text not null, "skeleton" text not null, "key_skeleton" text not null, "at" bigint not null, "held_until" bigint not null, constraint "former_names_key" primary key ("account", "key"));
CREATE INDEX "former_names_by_key" on "former_names" ("key");
CREATE INDEX "former_names_by_skeleton" on "former_names" ("skeleton");
CREATE INDEX "former_names_by_key_skeleton" on "former_names" ("key_skeleton");
CREATE INDEX "audit_former_name_at" on "audit" ("former_name", "at");
CREATE TRIGGER accounts_name_held_0 BEFORE INSERT ON accounts
      WHEN EXISTS (SELECT 1 FROM former_names AS held
  WHERE held.account <> NEW.id AND held.held_until > CAST(unixepoch('subsec') * 1000 AS INTEGER) AND (held.key = NEW.key OR NEW.registered = 1 AND (
    held.skeleton IN (NEW.skeleton, NEW.key_skeleton) OR held.key_skeleton IN (NEW.skeleton, NEW.key_skeleton)))) BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER accounts_name_held_1 BEFORE UPDATE OF key ON accounts
      WHEN EXISTS (SELECT 1 FROM former_names AS held
  WHERE held.account <> NEW.id AND held.held_until > CAST(unixepoch('subsec') * 1000 AS INTEGER) AND (held.key = NEW.key OR NEW.registered = 1 AND (
    held.skeleton IN (NEW.skeleton, NEW.key_skeleton) OR held.key_skeleton IN (NEW.skeleton, NEW.key_skeleton)))) BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER accounts_name_given_up AFTER UPDATE OF key ON accounts WHEN NEW.key <> OLD.key BEGIN
    
  DELETE FROM former_names WHERE at < CAST(unixepoch('subsec') * 1000 AS INTEGER) - 31622400000 AND held_until < CAST(unixepoch('subsec') * 1000 AS INTEGER);
  DELETE FROM former_names WHERE account = NEW.id AND key IN (OLD.key, NEW.key);
  INSERT INTO former_names (account, key, name, skeleton, key_skeleton, at, held_until)
    VALUES (OLD.id, OLD.key, OLD.name, OLD.skeleton, OLD.key_skeleton, CAST(unixepoch('subsec') * 1000 AS INTEGER), CAST(unixepoch('subsec') * 1000 AS INTEGER) + 2592000000); END;
CREATE TRIGGER accounts_renamed AFTER UPDATE OF name ON accounts WHEN NEW.name <> OLD.name BEGIN
    INSERT INTO endings (nonce, kind, owner, name, epoch, keep, until, label) VALUES
  (lower(hex(randomblob(16))), 'account', NEW.id, OLD.name, NEW.version, NEW.kept_session, CAST(unixepoch('subsec') * 1000 AS INTEGER) + 34560000000, NEW.name); END;
CREATE TRIGGER accounts_removed AFTER DELETE ON accounts BEGIN INSERT INTO endings (nonce, kind, owner, name, epoch, keep, until, label) VALUES
  (lower(hex(randomblob(16))), 'account', OLD.id, OLD.name, OLD.version + 1, NULL, CAST(unixepoch('subsec') * 1000 AS INTEGER) + 34560000000, '');
  DELETE FROM former_names WHERE account = OLD.id; END;
CREATE TABLE "user_groups" ("key" text primary key, "name" text not null, "created_at" bigint not null);
CREATE TABLE "group_members" ("account" text not null, "group_key" text not null, constraint "group_members_key" primary key ("account", "group_key"));
CREATE INDEX "group_members_group" on "group_members" ("group_key", "account");
CREATE TRIGGER group_members_added AFTER INSERT ON group_members BEGIN
    INSERT INTO endings (nonce, kind, owner, until) SELECT lower(hex(randomblob(16))), 'facts', NEW.account, CAST(unixepoch('subsec') * 1000 AS INTEGER) + 86400000 WHERE EXISTS (SELECT 1 FROM accounts WHERE id = NEW.account); END;
CREATE TRIGGER group_members_removed AFTER DELETE ON group_members BEGIN
    INSERT INTO endings (nonce, kind, owner, until) SELECT lower(hex(randomblob(16))), 'facts', OLD.account, CAST(unixepoch('subsec') * 1000 AS INTEGER) + 86400000 WHERE EXISTS (SELECT 1 FROM user_groups WHERE key = OLD.group_key)
  AND EXISTS (SELECT 1 FROM accounts WHERE id = OLD.account); END;
CREATE TRIGGER user_groups_removed AFTER DELETE ON user_groups BEGIN DELETE FROM group_members WHERE group_key = OLD.key; INSERT INTO endings (nonce, kind, owner, until) SELECT lower(hex(randomblob(16))), 'facts', '', CAST(unixepoch('subsec') * 1000 AS INTEGER) + 86400000; END;
CREATE TRIGGER accounts_left_groups AFTER DELETE ON accounts BEGIN DELETE FROM group_members WHERE account = OLD.id; END;
CREATE TABLE "totp" ("id" text primary key, "account_id" text not null references "accounts" ("id") on delete cascade, "seed" text, "last_step" bigint not null, "wrong_tries" integer default 0 not null, "created_at" bigint not null, "used_at" bigint, "removed_at" bigint);
CREATE UNIQUE INDEX "totp_present" on "totp" ("account_id") where removed_at IS NULL;
CREATE TABLE "passkeys" ("id" text primary key, "account_id" text not null references "accounts" ("id") on delete cascade, "public_key" text, "algorithm" integer not null, "counter" bigint not null, "transports" text not null, "aaguid" text not null, "backup_eligible" integer not null, "backed_up" integer not null, "rp_id" text not null, "name" text not null, "created_at" bigint not null, "used_at" bigint, "removed_at" bigint);
CREATE INDEX "passkeys_rp_id" on "passkeys" ("rp_id") where removed_at IS NULL;
CREATE TABLE "recovery_codes" ("hash" text primary key, "account_id" text not null references "accounts" ("id") on delete cascade, "created_at" bigint not null);
CREATE TABLE "link_tokens" ("hash" text primary key, "account_id" text not null references "accounts" ("id") on delete cascade, "account_version" integer not null, "purpose" text not null, "address" text, "expires_at" bigint not null);
CREATE TABLE "spent" ("key" text primary key, "expires_at" bigint not null);
CREATE TABLE "data_keys" ("id" text primary key, "canary" text not null, "created_at" bigint not null);
CREATE INDEX "totp_account" on "totp" ("account_id");
CREATE INDEX "passkeys_account" on "passkeys" ("account_id");
CREATE INDEX "recovery_codes_account" on "recovery_codes" ("account_id");
CREATE INDEX "link_tokens_account" on "link_tokens" ("account_id");
CREATE INDEX "link_tokens_expires_at" on "link_tokens" ("expires_at");
CREATE INDEX "spent_expires_at" on "spent" ("expires_at");
CREATE TABLE "tokens" ("hash" text primary key, "id" text not null unique, "account_id" text not null references "accounts" ("id") on delete cascade, "name" text not null, "hosts" text not null, "for_api" integer not null, "created_at" bigint not null, "expires_at" bigint not null, "used_at" bigint);
CREATE INDEX "tokens_account" on "tokens" ("account_id", "created_at");
CREATE TRIGGER tokens_ended AFTER DELETE ON tokens BEGIN
    INSERT INTO endings (nonce, kind, owner, until) SELECT lower(hex(randomblob(16))), 'facts', OLD.account_id, CAST(unixepoch('subsec') * 1000 AS INTEGER) + 86400000 WHERE EXISTS (SELECT 1 FROM accounts WHERE id = OLD.account_id); END;
CREATE TRIGGER accounts_tokens_ended AFTER UPDATE OF disabled_at ON accounts WHEN NEW.disabled_at IS NOT NULL AND OLD.disabled_at IS NULL BEGIN
    DELETE FROM tokens WHERE account_id = NEW.id; END;
CREATE UNIQUE INDEX "accounts_email_key" on "accounts" ("email_key") where email_key IS NOT NULL;
CREATE TABLE "outbox" ("id" text primary key, "account_id" text references "accounts" ("id") on delete cascade, "recipient" text not null, "template" text not null, "language" text, "data" text, "once" text unique, "created_at" bigint not null, "next_at" bigint not null, "tries" integer default 0 not null, "leased_until" bigint default 0 not null, "expires_at" bigint not null, "sent_at" bigint, "failed_at" bigint, "error" text, "network" text, "turn" bigint default 0 not null);
CREATE INDEX "outbox_waiting" on "outbox" ("next_at") where sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX "outbox_failed" on "outbox" ("failed_at") where failed_at IS NOT NULL;
CREATE INDEX "outbox_account" on "outbox" ("account_id", "created_at");
CREATE INDEX "outbox_created_at" on "outbox" ("created_at");
CREATE TABLE "reset_requests" ("id" text primary key, "typed" text not null, "network" text not null, "language" text, "created_at" bigint not null, "leased_until" bigint default 0 not null);
CREATE INDEX "reset_requests_at" on "reset_requests" ("created_at");
CREATE TABLE "former_addresses" ("id" text primary key, "account_id" text not null references "accounts" ("id") on delete cascade, "address" text not null, "until" bigint not null);
CREATE INDEX "former_addresses_account" on "former_addresses" ("account_id", "until");
CREATE INDEX "former_addresses_until" on "former_addresses" ("until");
CREATE TABLE "invitations" ("hash" text primary key, "kind" text not null, "address" text not null, "address_key" text not null, "role" text default 'user' not null, "invited_by" text, "language" text, "created_at" bigint not null, "expires_at" bigint not null, "network" text);
CREATE INDEX "invitations_address" on "invitations" ("address_key", "kind");
CREATE INDEX "invitations_expires_at" on "invitations" ("expires_at");
CREATE TRIGGER accounts_email_changed AFTER UPDATE OF email ON accounts WHEN NEW.email IS NOT OLD.email BEGIN
    INSERT INTO endings (nonce, kind, owner, until) SELECT lower(hex(randomblob(16))), 'facts', NEW.id, CAST(unixepoch('subsec') * 1000 AS INTEGER) + 86400000; END;
CREATE INDEX accounts_by_created ON accounts (created_at, key, email_key);
CREATE INDEX accounts_by_signed_in ON accounts (signed_in_at, key, email_key);
CREATE TRIGGER audit_signed_in AFTER INSERT ON audit WHEN NEW.event = 'sign-in' BEGIN UPDATE accounts SET signed_in_at = NEW.at WHERE id = NEW.account AND signed_in_at < NEW.at; END;
CREATE INDEX audit_event_at ON audit (event, at);
CREATE INDEX audit_address_at ON audit (address, at) WHERE address IS NOT NULL;
CREATE INDEX audit_actor_at ON audit (actor_account, at) WHERE actor_account IS NOT NULL;
CREATE TABLE "reset_mails" ("account_id" text not null references "accounts" ("id") on delete cascade, "network" text not null, "mails" integer not null, "last_at" bigint not null, constraint "reset_mails_key" primary key ("account_id", "network"));
CREATE INDEX "reset_mails_last_at" on "reset_mails" ("last_at");
CREATE INDEX "outbox_turn" on "outbox" ("turn") where sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX "outbox_network" on "outbox" ("network", "turn") where sent_at IS NULL AND failed_at IS NULL;
`
