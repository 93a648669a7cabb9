-- Written by hand. What a document says stays. Its signature, its PDF and its place in a series are each filled once.
CREATE FUNCTION keep_issued_document() RETURNS trigger
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
  END IF;
  IF OLD.series_number IS NULL THEN
    before.series_number := NEW.series_number;
  END IF;
  -- What was found by a hash is found no more when its party is forgotten.
  IF NEW.code_index IS NULL THEN
    before.code_index := NULL;
  END IF;
  IF before IS NOT DISTINCT FROM NEW THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% keeps what it says', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_issued_document BEFORE UPDATE ON issued_documents FOR EACH ROW EXECUTE FUNCTION keep_issued_document();
--> statement-breakpoint
CREATE TRIGGER refuse_delete BEFORE DELETE ON issued_documents FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON issued_documents FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON timeline_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON timeline_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON decisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON decisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON appeals FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON appeals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
-- Numbers for people. Gaps are of no matter here.
CREATE SEQUENCE application_numbers;
--> statement-breakpoint
CREATE SEQUENCE document_numbers;
