-- Who is behind a lead, and when two mails are one enquiry (docs/decisions/0023).

-- A person, as far as one can tell: everything that names the same one hangs here. Made with a lead, gone with the last.
CREATE TABLE prospects (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    CONSTRAINT prospects_tenant_id_key UNIQUE (tenant_id, id)
);
-- A row never changes; the right to do so is the right to lock it.
SELECT fence_table('prospects', 'SELECT, INSERT, UPDATE, DELETE');

ALTER TABLE leads ADD COLUMN prospect_id uuid;

-- By what a prospect is known. EMAIL: their own address. PHONE: E.164. PORTAL_PERSON: a portal's own id of them, with the
-- portal in front. RELAY: a portal's address that passes mail on; it is no key of anybody, it leads to the one lead whose
-- thread it is, also after the person's own address became known.
CREATE TABLE prospect_contacts (
    id          uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    prospect_id uuid NOT NULL,
    kind        text NOT NULL,
    value       text NOT NULL,
    -- RELAY only
    lead_id     uuid,
    -- Read in the person's own words (a signature), not in a sender or a portal's field. It says that two are one; where
    -- mail goes it never says, because anybody can write anybody's address into a text.
    is_said     boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL,
    CONSTRAINT prospect_contacts_prospect FOREIGN KEY (tenant_id, prospect_id) REFERENCES prospects (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT prospect_contacts_lead FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT prospect_contacts_kind_known CHECK (kind IN ('EMAIL', 'PHONE', 'PORTAL_PERSON', 'RELAY')),
    CONSTRAINT prospect_contacts_relay_is_a_leads CHECK ((kind = 'RELAY') = (lead_id IS NOT NULL)),
    CONSTRAINT prospect_contacts_once UNIQUE (tenant_id, prospect_id, kind, value)
);
-- An address, and a portal's id of a person, are one person's. Households share telephones.
CREATE UNIQUE INDEX prospect_contacts_one_person ON prospect_contacts (tenant_id, kind, value) WHERE kind IN ('EMAIL', 'PORTAL_PERSON');
CREATE INDEX prospect_contacts_value ON prospect_contacts (tenant_id, kind, value);
CREATE INDEX prospect_contacts_lead ON prospect_contacts (tenant_id, lead_id) WHERE lead_id IS NOT NULL;
SELECT fence_table('prospect_contacts', 'SELECT, INSERT, UPDATE, DELETE');

-- The leads there are: one prospect per own address, else one per lead.
WITH person AS (
    SELECT tenant_id, CASE WHEN address_kind = 'direct' THEN email ELSE id::text END AS key, gen_random_uuid() AS id, min(created_at) AS at
    FROM leads GROUP BY 1, 2
), made AS (
    INSERT INTO prospects (id, tenant_id, created_at) SELECT id, tenant_id, at FROM person
)
UPDATE leads l SET prospect_id = p.id FROM person p
WHERE p.tenant_id = l.tenant_id AND p.key = CASE WHEN l.address_kind = 'direct' THEN l.email ELSE l.id::text END;
INSERT INTO prospect_contacts (id, tenant_id, prospect_id, kind, value, created_at)
SELECT gen_random_uuid(), tenant_id, prospect_id, 'EMAIL', email, min(created_at)
FROM leads WHERE address_kind = 'direct' GROUP BY tenant_id, prospect_id, email;
INSERT INTO prospect_contacts (id, tenant_id, prospect_id, kind, value, created_at)
SELECT gen_random_uuid(), tenant_id, prospect_id, 'PHONE', phone, min(created_at)
FROM leads WHERE phone IS NOT NULL GROUP BY tenant_id, prospect_id, phone;

ALTER TABLE leads
    ALTER COLUMN prospect_id SET NOT NULL,
    ADD CONSTRAINT leads_prospect FOREIGN KEY (tenant_id, prospect_id) REFERENCES prospects (tenant_id, id);
CREATE INDEX leads_prospect ON leads (tenant_id, prospect_id);

-- A person of whom no lead is left is nobody's business any more. Runs with the rights of whoever deletes the lead.
CREATE FUNCTION forget_prospect() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    DELETE FROM prospects p WHERE p.tenant_id = OLD.tenant_id AND p.id = OLD.prospect_id
      AND NOT EXISTS (SELECT FROM leads l WHERE l.tenant_id = p.tenant_id AND l.prospect_id = p.id);
    RETURN NULL;
END $$;
CREATE TRIGGER forget_prospect AFTER DELETE ON leads FOR EACH ROW EXECUTE FUNCTION forget_prospect();

-- The same enquiry within 24 hours is one lead, whatever the calendar says. Each lead holds its key from when it was asked
-- for the next 24 hours; two of one key must not overlap. A day in the key, as before, let copies around midnight through.
-- Two that existed side by side before keep no hold.
ALTER TABLE leads ADD COLUMN enquiry_window tstzrange;
UPDATE leads SET enquiry_window = tstzrange(created_at, created_at + interval '24 hours');
UPDATE leads l SET enquiry_window = 'empty'
WHERE EXISTS (SELECT FROM leads o WHERE o.tenant_id = l.tenant_id AND o.enquiry_key = l.enquiry_key AND (o.created_at, o.id) < (l.created_at, l.id)
              AND o.created_at > l.created_at - interval '24 hours');
ALTER TABLE leads
    DROP CONSTRAINT leads_same_enquiry,
    DROP COLUMN enquiry_day,
    ALTER COLUMN enquiry_window SET NOT NULL,
    ADD CONSTRAINT leads_same_enquiry EXCLUDE USING gist (tenant_id WITH =, enquiry_key WITH =, enquiry_window WITH &&);
