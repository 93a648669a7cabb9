-- A filter with a code that no row has is refused: a typing error must not look like an empty list.
CREATE FUNCTION unknown_code(noun text, code text) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
  RAISE EXCEPTION 'There is no % with the code "%".', noun, code USING ERRCODE = '22C01';
END $$;
