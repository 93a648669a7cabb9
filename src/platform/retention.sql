-- The trigger of append-only tables. Its arguments are columns of blind indexes, which become null with their party.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  -- remove_past_term sets this. Anyone can, so the table must have a term as well.
  IF TG_OP = 'DELETE' AND current_setting('pencere.removing', true) = TG_RELID::text
    AND EXISTS (SELECT FROM public.retention WHERE class = 'TERM' AND table_name = TG_RELID::regclass::text) THEN
    RETURN OLD;
  END IF;
  IF TG_OP = 'UPDATE' AND TG_NARGS > 0 THEN
    IF to_jsonb(NEW) = to_jsonb(OLD) || (SELECT jsonb_object_agg(cleared, NULL) FROM unnest(TG_ARGV) cleared) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- The only way to remove rows of append-only tables. Removes at most so many rows of a table whose term is over, and returns
-- how many. The term comes from the table retention, which only the owner of the tables writes. A clock that is ahead removes
-- nothing early.
CREATE OR REPLACE FUNCTION remove_past_term(of_table regclass, at timestamptz, at_most integer) RETURNS bigint
-- Temporary tables come last; otherwise the caller's own table named retention would be read.
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
-- Nobody may call it without a grant.
REVOKE ALL ON FUNCTION remove_past_term FROM PUBLIC;
