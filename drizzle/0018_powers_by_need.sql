-- Written by hand. The same as before, asked in an order that lets a question about one party look at that party alone: what
-- both links have in common is made last, and of the rows that are wanted.
CREATE OR REPLACE FUNCTION powers_of(holder uuid, at timestamptz, links integer)
RETURNS TABLE (principal_id uuid, powers power[], services text[], mandate_ids uuid[])
LANGUAGE sql STABLE AS $$
  SELECT own.principal_id, own.powers, own.services, ARRAY[own.id]
  FROM mandates own
  WHERE own.holder_id = holder AND own.revoked_at IS NULL AND own.valid_from <= at AND (own.valid_to IS NULL OR own.valid_to > at)
  UNION ALL
  SELECT given.principal_id,
    ARRAY(SELECT unnest(given.powers) INTERSECT SELECT unnest(own.powers)),
    CASE
      WHEN given.services IS NULL THEN own.services
      WHEN own.services IS NULL THEN given.services
      ELSE ARRAY(SELECT unnest(given.services) INTERSECT SELECT unnest(own.services))
    END,
    ARRAY[given.id, own.id]
  FROM mandates own
  JOIN parties firm ON firm.id = own.principal_id AND firm.kind = 'LEGAL_ENTITY'
  JOIN mandates given ON given.holder_id = firm.id AND given.principal_id <> holder
    AND given.revoked_at IS NULL AND given.valid_from <= at AND (given.valid_to IS NULL OR given.valid_to > at)
  WHERE links > 1 AND own.holder_id = holder AND own.kind IN ('HEAD', 'SEAL_HOLDER', 'EMPLOYEE')
    AND own.revoked_at IS NULL AND own.valid_from <= at AND (own.valid_to IS NULL OR own.valid_to > at)
    AND given.powers && own.powers
    AND (given.services IS NULL OR own.services IS NULL OR given.services && own.services)
$$;
