-- What a lead may be kept for, how each of the agency's people works, under which names an agency is known, and the
-- rules for new leads as one told them.

-- On what the agency keeps a lead's data (GDPR Art. 6(1)): PRE_CONTRACTUAL (b) the person enquired; CONSENT (a) the person
-- agreed, on a form; LEGITIMATE_INTEREST (f) the agency knows why. Set when the lead comes in, by how it comes
-- (src/domain/leads/legal_basis.rs); a person of the agency may correct it.
ALTER TABLE leads ADD COLUMN legal_basis text NOT NULL DEFAULT 'PRE_CONTRACTUAL';
UPDATE leads SET legal_basis = 'CONSENT' WHERE source = 'WIDGET';
ALTER TABLE leads
    ALTER COLUMN legal_basis DROP DEFAULT,
    ADD CONSTRAINT leads_legal_basis_known CHECK (legal_basis IN ('PRE_CONTRACTUAL', 'CONSENT', 'LEGITIMATE_INTEREST'));

ALTER TABLE users
    -- the language of what they get from us
    ADD COLUMN locale              text NOT NULL DEFAULT 'de',
    -- stands under mails in their name, in place of the name
    ADD COLUMN signature           text,
    -- their own hours, within the agency's; all three or none. ISO weekdays, minutes after midnight in the agency's zone
    ADD COLUMN viewing_weekdays    smallint[],
    ADD COLUMN viewing_from_minute smallint,
    ADD COLUMN viewing_to_minute   smallint,
    ADD CONSTRAINT users_locale_known CHECK (locale IN ('de', 'en')),
    ADD CONSTRAINT users_signature_said CHECK (signature <> ''),
    ADD CONSTRAINT users_viewing_hours CHECK (
        num_nulls(viewing_weekdays, viewing_from_minute, viewing_to_minute) IN (0, 3)
        AND cardinality(viewing_weekdays) > 0 AND viewing_weekdays <@ '{1,2,3,4,5,6,7}'::smallint[]
        AND viewing_from_minute >= 0 AND viewing_to_minute <= 1440 AND viewing_from_minute < viewing_to_minute);

-- The language of the invitation, and of whoever accepts it; NULL: it is written in both, and they begin with German.
ALTER TABLE invitations
    ADD COLUMN locale text,
    ADD CONSTRAINT invitations_locale_known CHECK (locale IN ('de', 'en'));

-- Every intake prefix an agency has or had: portals go on sending to the old one for years, so it stays the agency's and is
-- nobody else's, until the agency is erased.
CREATE TABLE intake_prefixes (
    prefix     text NOT NULL,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    CONSTRAINT intake_prefixes_pkey PRIMARY KEY (prefix)
);
CREATE INDEX intake_prefixes_tenant ON intake_prefixes (tenant_id);
INSERT INTO intake_prefixes (prefix, tenant_id) SELECT intake_prefix, id FROM tenants;
-- A row never changes; the right to do so is the right to lock it (src/domain/tenants/store.rs).
SELECT fence_table('intake_prefixes', 'SELECT, INSERT, UPDATE, DELETE');
CREATE POLICY platform ON intake_prefixes TO immivo_platform USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON intake_prefixes TO immivo_platform;

-- Runs with the rights of whoever writes the agency's row. One that is another agency's breaks intake_prefixes_pkey.
CREATE FUNCTION keep_intake_prefix() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM intake_prefixes WHERE prefix = NEW.intake_prefix AND tenant_id = NEW.id) THEN
        INSERT INTO intake_prefixes (prefix, tenant_id) VALUES (NEW.intake_prefix, NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_intake_prefix AFTER INSERT OR UPDATE OF intake_prefix ON tenants FOR EACH ROW EXECUTE FUNCTION keep_intake_prefix();

ALTER TABLE tenants ADD CONSTRAINT tenants_slug_shape CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$');

-- The rules of an agency as one document, in the words of the API: what the history of settings tells. Rules are rows that
-- come and go as a whole, which tells nobody what changed.
CREATE FUNCTION told_routing_rules(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
               'kind', r.kind, 'portal', r.portal, 'zipPrefix', r.zip_prefix, 'language', r.language, 'userId', r.user_id,
               'members', (SELECT jsonb_agg(jsonb_build_object('userId', m.user_id, 'weight', m.weight) ORDER BY m.position)
                           FROM routing_members m WHERE m.tenant_id = r.tenant_id AND m.rule_id = r.id)
           )) ORDER BY r.position), '[]')
    FROM routing_rules r WHERE r.tenant_id = tenant
$$;
-- NULL: the agency never had rules of its own.
ALTER TABLE routing_lists ADD COLUMN told jsonb;
UPDATE routing_lists SET told = told_routing_rules(tenant_id);
SELECT audit_table('routing_lists', key => 'tenant_id');
