-- Written by hand. What was published does not change, whoever asks: of a version only its last day does, and one that has not
-- begun may be withdrawn. Parts may still be added to a version that the data files made without them.
CREATE FUNCTION keep_version() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  before service_versions := OLD;
BEGIN
  before.valid_to := NEW.valid_to;
  IF OLD.withdrawn_at IS NULL AND (NEW.withdrawn_at AT TIME ZONE 'Asia/Baku')::date < OLD.valid_from THEN
    before.withdrawn_at := NEW.withdrawn_at;
  END IF;
  IF before IS NOT DISTINCT FROM NEW THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'what was published of a service does not change' USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_version BEFORE UPDATE ON service_versions FOR EACH ROW EXECUTE FUNCTION keep_version();
--> statement-breakpoint
CREATE TRIGGER refuse_delete BEFORE DELETE ON service_versions FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON service_versions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON fees FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON fees FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON processing_terms FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON processing_terms FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON required_documents FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON required_documents FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON service_steps FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON service_steps FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON legal_bases FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON legal_bases FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON forms FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON forms FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
-- Of rules that were published before and begin later, their day is told as of those that are published from now on.
INSERT INTO deadlines (id, due_at, domain, type, subject, agency_id, ids)
SELECT gen_random_uuid(), min(valid_from)::timestamp AT TIME ZONE 'Asia/Baku', 'catalogue', 'service.rules_began', services.id, agency_id, '{}'
FROM services JOIN service_versions ON service_id = services.id
WHERE valid_from > (now() AT TIME ZONE 'Asia/Baku')::date AND status IN ('ACTIVE', 'SUSPENDED')
GROUP BY services.id;
