-- The mode of an installation never changes; only what it remembers of its keys does.
CREATE OR REPLACE FUNCTION keep_installation() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  before installation := OLD;
BEGIN
  before.keyring_check := NEW.keyring_check;
  IF before IS NOT DISTINCT FROM NEW THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the mode of an installation does not change' USING ERRCODE = 'restrict_violation';
END $$;
