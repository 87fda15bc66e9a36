-- The contact form on an agency's web pages: what visitors are asked to agree to, and what they sent.

ALTER TABLE leads DROP CONSTRAINT leads_source_known;
ALTER TABLE leads ADD CONSTRAINT leads_source_known CHECK (source IN ('PORTAL', 'EMAIL', 'MANUAL', 'WIDGET'));

-- What an agency asks visitors to agree to. A row is never changed: the one with the highest version holds, the others say
-- what held before. An agency that has none asks in the words we come with (version 0).
CREATE TABLE widget_consents (
    id          uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    version     integer NOT NULL,
    -- by language; a language that is not here has the words we come with
    texts       jsonb NOT NULL,
    -- the agency's privacy notice
    privacy_url text,
    created_by  uuid NOT NULL REFERENCES users,
    created_at  timestamptz NOT NULL,
    CONSTRAINT widget_consents_version_key UNIQUE (tenant_id, version),
    CONSTRAINT widget_consents_version_positive CHECK (version > 0)
);
CREATE INDEX widget_consents_page ON widget_consents (tenant_id, created_at DESC, id DESC);
SELECT fence_table('widget_consents', 'SELECT, INSERT');
SELECT audit_table('widget_consents');

-- One form as it was sent. Written with the lead it made or joined, in one transaction, before the visitor reads "received".
CREATE TABLE widget_enquiries (
    -- The challenge it was sent with, which is good for one enquiry: sent twice, it is one row.
    id                  uuid PRIMARY KEY,
    tenant_id           uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    lead_id             uuid NOT NULL,
    -- the page it was sent from, as browsers write it in `Origin`
    origin              text NOT NULL,
    sent                jsonb NOT NULL,
    -- What the visitor agreed to, word for word (GDPR Art. 7 (1)): version 0 are the words we come with, which change with
    -- the program, and the agency's name stands in them.
    consent_version     integer NOT NULL,
    consent_language    text NOT NULL,
    consent_text        text NOT NULL,
    consent_privacy_url text,
    received_at         timestamptz NOT NULL,
    CONSTRAINT widget_enquiries_lead FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT widget_enquiries_language_known CHECK (consent_language IN ('de', 'en', 'fr', 'it'))
);
CREATE INDEX widget_enquiries_lead ON widget_enquiries (tenant_id, lead_id, received_at DESC, id DESC);
SELECT fence_table('widget_enquiries', 'SELECT, INSERT');
