-- The position of an event is set once. Nothing else changes.
CREATE OR REPLACE FUNCTION keep_event() RETURNS trigger
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
