-- Written by hand. Who looked at whose data is only added to; a row is given its place once, and nothing else of it changes.
CREATE FUNCTION keep_access() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  before accesses := OLD;
BEGIN
  before.position := NEW.position;
  IF OLD.position IS NULL AND NEW.position IS NOT NULL AND before IS NOT DISTINCT FROM NEW THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_access BEFORE UPDATE ON accesses FOR EACH ROW EXECUTE FUNCTION keep_access();
--> statement-breakpoint
CREATE TRIGGER refuse_delete BEFORE DELETE ON accesses FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON accesses FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON access_seals FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON access_seals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
