-- The portal radar: what it counts, and tasks that are about a portal and not about a lead.

ALTER TABLE tasks
    -- what it is about when that is no lead: `willhaben`, `willhaben/phone`
    ADD COLUMN subject text,
    DROP CONSTRAINT tasks_kind_known,
    ADD CONSTRAINT tasks_kind_known CHECK (kind IN (
        'ANSWER_QUESTION', 'ASSIGN_PROPERTY', 'CALL_BACK', 'COMPLAINT', 'INCOMPLETE_LEAD', 'DELIVERY_FAILED',
        'PORTAL_QUIET', 'PORTAL_FIELD_MISSING')),
    ADD CONSTRAINT tasks_about_one_thing CHECK (num_nonnulls(lead_id, subject) = 1),
    ADD CONSTRAINT tasks_subject_fits CHECK ((kind IN ('PORTAL_QUIET', 'PORTAL_FIELD_MISSING')) = (subject IS NOT NULL));
CREATE UNIQUE INDEX tasks_one_open_about ON tasks (tenant_id, kind, subject) WHERE state = 'OPEN' AND subject IS NOT NULL;
CREATE INDEX tasks_about ON tasks (tenant_id, subject, kind, created_at DESC) WHERE subject IS NOT NULL;

-- What a mail told, one letter per field of its first enquiry (src/domain/intake/radar/fields.rs): counting 100,000 mails
-- must not mean reading 100,000 documents. Written with `parsed`.
ALTER TABLE intake_messages ADD COLUMN filled text;
-- Everything the radar reads of a mail stands in the index.
CREATE INDEX intake_messages_radar ON intake_messages (tenant_id, received_at)
    INCLUDE (portal, state, class, adapter, filled, processed_at) WHERE portal IS NOT NULL;
