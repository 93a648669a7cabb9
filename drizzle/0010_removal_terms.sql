-- Written by hand. The setting by which remove_past_term removes is anybody's to make: it opens a table with a term and no other.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  -- Retention removes rows past their term, through remove_past_term alone.
  IF TG_OP = 'DELETE' AND current_setting('pencere.removing', true) = TG_RELID::text
    AND EXISTS (SELECT FROM public.retention WHERE class = 'TERM' AND table_name = TG_RELID::regclass::text) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
