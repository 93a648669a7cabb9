-- Written by hand. Tables that are only added to say so themselves, whoever asks.
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  -- Retention removes rows past their term, through remove_past_term alone.
  IF TG_OP = 'DELETE' AND current_setting('pencere.removing', true) = TG_RELID::text THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
-- An event is given its position once, and nothing else of it changes.
CREATE FUNCTION keep_event() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  before events := OLD;
BEGIN
  before.position := NEW.position;
  IF OLD.position IS NULL AND NEW.position IS NOT NULL AND before IS NOT DISTINCT FROM NEW THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_event BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION keep_event();
--> statement-breakpoint
CREATE TRIGGER refuse_delete BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
INSERT INTO event_head DEFAULT VALUES;
--> statement-breakpoint
-- The one door of retention: removes rows of a table whose term is over, so many at most, and tells how many. The term stands
-- in `retention`, which only the owner of the tables writes; a clock that is ahead removes nothing before its time.
CREATE FUNCTION remove_past_term(of_table regclass, at timestamptz, at_most integer) RETURNS bigint
-- Temporary tables last: else the caller's own `retention` would be the one that is asked.
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  kept retention;
  removed bigint;
BEGIN
  SELECT * INTO kept FROM retention WHERE class = 'TERM' AND table_name = of_table::text;
  IF kept IS NULL THEN
    RAISE EXCEPTION '% has no term', of_table;
  END IF;
  PERFORM set_config('pencere.removing', of_table::oid::text, true);
  EXECUTE format(
    'DELETE FROM %1$s WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$s WHERE %2$I < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))',
    of_table, kept.from_column) USING least(at, now()) - kept.term, at_most;
  GET DIAGNOSTICS removed = ROW_COUNT;
  PERFORM set_config('pencere.removing', '', true);
  RETURN removed;
END $$;
--> statement-breakpoint
-- Whoever may call it may remove rows: nobody, until a grant says so.
REVOKE ALL ON FUNCTION remove_past_term FROM PUBLIC;
--> statement-breakpoint
-- What was counted may be lost in a crash; nobody waits for the disk because of it.
ALTER TABLE rate_limits SET UNLOGGED;
--> statement-breakpoint
-- What an installation is, it stays. Only what it remembers of its keys changes.
CREATE FUNCTION keep_installation() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  before installation := OLD;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    before.keyring_check := NEW.keyring_check;
    IF before IS NOT DISTINCT FROM NEW THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'the mode of an installation does not change' USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_installation BEFORE UPDATE OR DELETE ON installation FOR EACH ROW EXECUTE FUNCTION keep_installation();
--> statement-breakpoint
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON installation FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
-- The columns that hold personal data say so by their types, which refuse what was not sealed: a version, a nonce, a tag.
CREATE DOMAIN personal AS bytea CHECK (octet_length(VALUE) >= 29 AND get_byte(VALUE, 0) = 1);
--> statement-breakpoint
-- The id of a key, and a keyed hash of 32 bytes in base64url.
CREATE DOMAIN blind_index AS text CHECK (VALUE ~ '^[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{43}$');
