-- Refuses a filter by a code that no row has, so that a typing error does not look like an empty list.
CREATE OR REPLACE FUNCTION unknown_code(noun text, code text) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
  RAISE EXCEPTION 'There is no % with the code "%".', noun, code USING ERRCODE = '22C01';
END $$;
