-- A published version does not change, except for its last day. A version that has not begun can be withdrawn. Parts may
-- still be added to a version that the data files made without them.
CREATE OR REPLACE FUNCTION keep_version() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  before service_versions := OLD;
BEGIN
  before.valid_to := NEW.valid_to;
  IF OLD.withdrawn_at IS NULL AND (NEW.withdrawn_at AT TIME ZONE 'Asia/Baku')::date < OLD.valid_from THEN
    before.withdrawn_at := NEW.withdrawn_at;
  END IF;
  -- As text, because json has no equality.
  IF before::text IS NOT DISTINCT FROM NEW::text THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'what was published of a service does not change' USING ERRCODE = 'restrict_violation';
END $$;
