CREATE TYPE "public"."revocation_reason" AS ENUM('NO_LONGER_NEEDED', 'LEFT', 'MISTAKE', 'MISUSE');--> statement-breakpoint
ALTER TABLE "mandates" ADD COLUMN "holder_identifier_id" uuid;--> statement-breakpoint
ALTER TABLE "mandates" ADD COLUMN "revoked_for" "revocation_reason";--> statement-breakpoint
ALTER TABLE "mandates" ADD CONSTRAINT "mandates_holder_identifier_id_identifiers_id_fk" FOREIGN KEY ("holder_identifier_id") REFERENCES "public"."identifiers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- Written by hand. Two links that have no service in common give no power at all.
CREATE OR REPLACE FUNCTION powers_of(holder uuid, at timestamptz, links integer)
RETURNS TABLE (principal_id uuid, powers power[], services text[], mandate_ids uuid[])
LANGUAGE sql STABLE AS $$
  SELECT own.principal_id, own.powers, own.services, ARRAY[own.id]
  FROM mandates own
  WHERE own.holder_id = holder AND own.revoked_at IS NULL AND own.valid_from <= at AND (own.valid_to IS NULL OR own.valid_to > at)
  UNION ALL
  SELECT given.principal_id, shared.powers, shared.services, ARRAY[given.id, own.id]
  FROM mandates own
  JOIN parties firm ON firm.id = own.principal_id AND firm.kind = 'LEGAL_ENTITY'
  JOIN mandates given ON given.holder_id = firm.id AND given.principal_id <> holder
    AND given.revoked_at IS NULL AND given.valid_from <= at AND (given.valid_to IS NULL OR given.valid_to > at)
  CROSS JOIN LATERAL (
    SELECT ARRAY(SELECT unnest(given.powers) INTERSECT SELECT unnest(own.powers)) AS powers,
      CASE
        WHEN given.services IS NULL THEN own.services
        WHEN own.services IS NULL THEN given.services
        ELSE ARRAY(SELECT unnest(given.services) INTERSECT SELECT unnest(own.services))
      END AS services
  ) shared
  WHERE links > 1 AND own.holder_id = holder AND own.kind IN ('HEAD', 'SEAL_HOLDER', 'EMPLOYEE')
    AND own.revoked_at IS NULL AND own.valid_from <= at AND (own.valid_to IS NULL OR own.valid_to > at)
    AND cardinality(shared.powers) > 0 AND cardinality(shared.services) IS DISTINCT FROM 0
$$;
