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

-- Begins to encrypt: waits while a key is being closed, then returns what the installation remembers of its keys. Each
-- statement of a volatile function has a snapshot of its own, so the second sees what the first has waited for. The lock is that
-- of `closeKey`, held shared until the transaction ends.
CREATE OR REPLACE FUNCTION begin_encrypting() RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(723642302);
  RETURN (SELECT keyring_check FROM installation);
END $$;
