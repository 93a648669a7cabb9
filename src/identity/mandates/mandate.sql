-- For whom a holder may act at a moment, by which mandates, and in what: by one mandate, or by two where the first is held by
-- an organisation and the second by its own staff. The power is what both have in common. It is computed last, so that a
-- question about one party reads the rows of that party alone. Forgotten parties give, carry and receive no power.
CREATE OR REPLACE FUNCTION powers_of(holder uuid, at timestamptz, links integer)
RETURNS TABLE (principal_id uuid, powers power[], services text[], mandate_ids uuid[])
LANGUAGE sql STABLE AS $$
  SELECT own.principal_id, own.powers, own.services, ARRAY[own.id]
  FROM mandates own
  JOIN parties principal ON principal.id = own.principal_id AND principal.key IS NOT NULL
  WHERE own.holder_id = holder AND own.revoked_at IS NULL AND own.valid_from <= at AND (own.valid_to IS NULL OR own.valid_to > at)
    AND EXISTS (SELECT FROM parties WHERE id = holder AND key IS NOT NULL)
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
  JOIN parties firm ON firm.id = own.principal_id AND firm.kind = 'LEGAL_ENTITY' AND firm.key IS NOT NULL
  JOIN mandates given ON given.holder_id = firm.id AND given.principal_id <> holder
    AND given.revoked_at IS NULL AND given.valid_from <= at AND (given.valid_to IS NULL OR given.valid_to > at)
  JOIN parties principal ON principal.id = given.principal_id AND principal.key IS NOT NULL
  WHERE links > 1 AND own.holder_id = holder AND own.kind IN ('HEAD', 'SEAL_HOLDER', 'EMPLOYEE')
    AND own.revoked_at IS NULL AND own.valid_from <= at AND (own.valid_to IS NULL OR own.valid_to > at)
    AND given.powers && own.powers
    AND (given.services IS NULL OR own.services IS NULL OR given.services && own.services)
    AND EXISTS (SELECT FROM parties WHERE id = holder AND key IS NOT NULL)
$$;
