-- The content of a document does not change. Its signature, its PDF, its number in a series and its revocation are each set once.
-- Its PDF may be requested until it is there.
CREATE OR REPLACE FUNCTION keep_issued_document() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  before issued_documents := OLD;
BEGIN
  IF OLD.signature IS NULL THEN
    before.signature := NEW.signature;
    before.key_id := NEW.key_id;
  END IF;
  IF OLD.pdf_sha256 IS NULL THEN
    before.pdf_sha256 := NEW.pdf_sha256;
    before.pdf_size := NEW.pdf_size;
    before.pdf_requested_at := NEW.pdf_requested_at;
  END IF;
  IF OLD.series_number IS NULL THEN
    before.series_number := NEW.series_number;
  END IF;
  IF OLD.revoked_at IS NULL THEN
    before.revoked_at := NEW.revoked_at;
  END IF;
  -- A forgotten party cannot be found by a hash any more.
  IF NEW.code_index IS NULL THEN
    before.code_index := NULL;
  END IF;
  IF before IS NOT DISTINCT FROM NEW THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% keeps what it says', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
