-- What waits for people is not forgotten, and what waits for prospects is asked again.

-- Tasks: when they are due, who was told, and until when nobody wants to see them.
ALTER TABLE tasks
    ADD COLUMN due_at        timestamptz,
    -- out of sight until then; the reminder waits as well
    ADD COLUMN snoozed_until timestamptz,
    -- when the owner was reminded, and when every administrator was told: each happens once, in the transaction that
    -- queues the mails
    ADD COLUMN reminded_at   timestamptz,
    ADD COLUMN escalated_at  timestamptz,
    -- the listing whose data is missing
    ADD COLUMN property_id   uuid,
    ADD COLUMN version       integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT tasks_property FOREIGN KEY (tenant_id, property_id) REFERENCES properties (tenant_id, id) ON DELETE CASCADE,
    DROP CONSTRAINT tasks_kind_known,
    ADD CONSTRAINT tasks_kind_known CHECK (kind IN (
        'ANSWER_QUESTION', 'ASSIGN_PROPERTY', 'CALL_BACK', 'COMPLAINT', 'INCOMPLETE_LEAD', 'DELIVERY_FAILED', 'APPROVE_DRAFT',
        'PORTAL_QUIET', 'PORTAL_FIELD_MISSING', 'MAILBOX_TROUBLE', 'MISSING_ENERGY_DATA', 'AI_BUDGET')),
    DROP CONSTRAINT tasks_subject_fits,
    ADD CONSTRAINT tasks_subject_fits CHECK (
        (kind IN ('PORTAL_QUIET', 'PORTAL_FIELD_MISSING', 'MAILBOX_TROUBLE', 'MISSING_ENERGY_DATA', 'AI_BUDGET')) = (subject IS NOT NULL)),
    ADD CONSTRAINT tasks_property_fits CHECK ((kind = 'MISSING_ENERGY_DATA') = (property_id IS NOT NULL));
UPDATE tasks SET due_at = created_at + interval '24 hours';
ALTER TABLE tasks ALTER COLUMN due_at SET NOT NULL;
CREATE INDEX tasks_to_remind ON tasks (due_at) WHERE state = 'OPEN' AND escalated_at IS NULL;
-- The clock asks for whom there is something to do, and nothing else.
CREATE POLICY platform ON tasks FOR SELECT TO immivo_platform USING (true);
GRANT SELECT (tenant_id, state, due_at, snoozed_until, reminded_at, escalated_at) ON tasks TO immivo_platform;

-- Follow-ups: asking a prospect again who did not answer. One row is one step: a mail to come or sent, or the closing of
-- the lead when the last of them was not answered either. The next step is written with the one before.
CREATE TABLE follow_ups (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    lead_id    uuid NOT NULL,
    -- 1, 2, 3 …: which mail it is
    number     smallint NOT NULL,
    -- it closes the lead instead of writing
    closes     boolean NOT NULL DEFAULT false,
    -- our answer that is followed up: when it was accepted, and to which message of the prospect it was
    base_at    timestamptz NOT NULL,
    revision   integer NOT NULL,
    due_at     timestamptz NOT NULL,
    state      text NOT NULL DEFAULT 'WAITING',
    -- why it was stopped
    reason     text,
    message_id uuid,
    created_at timestamptz NOT NULL,
    ended_at   timestamptz,
    CONSTRAINT follow_ups_lead FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT follow_ups_number_range CHECK (number BETWEEN 1 AND 6),
    CONSTRAINT follow_ups_state_known CHECK (state IN ('WAITING', 'DONE', 'STOPPED')),
    CONSTRAINT follow_ups_reason_fits CHECK ((state = 'STOPPED') = (reason IS NOT NULL)),
    CONSTRAINT follow_ups_end_fits CHECK ((state = 'WAITING') = (ended_at IS NULL))
);
-- One step of a lead waits at a time: two processes that begin a sequence begin one.
CREATE UNIQUE INDEX follow_ups_one_waiting ON follow_ups (lead_id) WHERE state = 'WAITING';
CREATE INDEX follow_ups_lead ON follow_ups (tenant_id, lead_id);
CREATE INDEX follow_ups_due ON follow_ups (due_at) WHERE state = 'WAITING';
SELECT fence_table('follow_ups', 'SELECT, INSERT, UPDATE');
CREATE POLICY platform ON follow_ups FOR SELECT TO immivo_platform USING (true);
GRANT SELECT (tenant_id, state, due_at) ON follow_ups TO immivo_platform;

-- Whether, when and how often: an agency's setting.
ALTER TABLE tenants ADD COLUMN follow_ups jsonb NOT NULL
    DEFAULT '{"enabled": true, "days": [3, 7, 14], "at": "09:00", "closeAfterDays": 3}';

-- Whoever does not want to be asked again is not, by any enquiry of theirs. Answers to what they ask still come.
ALTER TABLE prospects ADD COLUMN unsubscribed_at timestamptz;

-- Mails nobody asked for say how to end them (RFC 2369, RFC 8058).
ALTER TABLE outbox ADD COLUMN unsubscribe_url text;

ALTER TABLE messages
    DROP CONSTRAINT messages_origin_known,
    ADD CONSTRAINT messages_origin_known CHECK (origin IN ('PROSPECT', 'AGENT', 'AI_AUTO', 'AI_APPROVED', 'SYSTEM', 'FOLLOW_UP'));
