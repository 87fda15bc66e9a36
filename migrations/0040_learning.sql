-- What people teach the assistant, what its engines did, and what is still owed to prospects who wrote while one was down.

-- What holds for one listing beyond its fields ("the cellar is dry"), as a sentence that answers cite.
CREATE TABLE property_facts (
    id          uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    property_id uuid NOT NULL,
    topic       text NOT NULL,
    text        text NOT NULL,
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    CONSTRAINT property_facts_property FOREIGN KEY (tenant_id, property_id) REFERENCES properties (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX property_facts_page ON property_facts (tenant_id, property_id, created_at DESC, id DESC);
SELECT fence_table('property_facts', 'SELECT, INSERT, UPDATE, DELETE');
SELECT audit_table('property_facts', '{}');

-- An agent's answer to a question, proposed as a fact. It hangs on the lead whose question it was; the fact that was made
-- of it does not.
CREATE TABLE fact_proposals (
    id          uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    lead_id     uuid NOT NULL,
    task_id     uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    property_id uuid,
    topic       text NOT NULL,
    question    text NOT NULL,
    text        text NOT NULL,
    state       text NOT NULL DEFAULT 'PROPOSED',
    -- the fact it became: of the agency or of the listing, by the state
    fact_id     uuid,
    decided_by  uuid REFERENCES users,
    decided_at  timestamptz,
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    CONSTRAINT fact_proposals_lead FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT fact_proposals_property FOREIGN KEY (tenant_id, property_id) REFERENCES properties (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT fact_proposals_task_key UNIQUE (task_id),
    CONSTRAINT fact_proposals_state_known CHECK (state IN ('PROPOSED', 'TENANT_FACT', 'PROPERTY_FACT', 'REJECTED')),
    CONSTRAINT fact_proposals_decided_fits CHECK ((state = 'PROPOSED') = (decided_at IS NULL)),
    CONSTRAINT fact_proposals_fact_fits CHECK ((state IN ('TENANT_FACT', 'PROPERTY_FACT')) = (fact_id IS NOT NULL))
);
CREATE INDEX fact_proposals_page ON fact_proposals (tenant_id, created_at DESC, id DESC);
CREATE INDEX fact_proposals_lead ON fact_proposals (tenant_id, lead_id);
SELECT fence_table('fact_proposals', 'SELECT, INSERT, UPDATE');
SELECT audit_table('fact_proposals', '{question,text}');

-- How an agency rewrites drafts, without names and contact data: examples of its style. The vector is the built-in engine's,
-- of the question.
CREATE TABLE draft_edits (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    lead_id    uuid NOT NULL,
    language   text NOT NULL,
    question   text NOT NULL,
    before     text NOT NULL,
    after      text NOT NULL,
    embedding  vector(1536) NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT draft_edits_lead FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX draft_edits_newest ON draft_edits (tenant_id, language, created_at DESC);
CREATE INDEX draft_edits_lead ON draft_edits (tenant_id, lead_id);
SELECT fence_table('draft_edits', 'SELECT, INSERT');

-- What the engine wrote, while a human has other words for it.
ALTER TABLE drafts ADD COLUMN written_text text;

-- What was decided on the strength of a call, and what its answer cites.
ALTER TABLE ai_calls
    ADD COLUMN decision text,
    ADD COLUMN sources  text[] NOT NULL DEFAULT '{}';
CREATE INDEX ai_calls_page ON ai_calls (tenant_id, at DESC, id DESC);
DROP INDEX ai_calls_tenant;

-- Mails that got less than an answer because the language service was down. Answered when it is back, if nobody did
-- meanwhile.
CREATE TABLE catch_ups (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    lead_id    uuid NOT NULL,
    -- the prospect's message
    revision   integer NOT NULL,
    state      text NOT NULL DEFAULT 'WAITING',
    created_at timestamptz NOT NULL,
    ended_at   timestamptz,
    CONSTRAINT catch_ups_lead FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT catch_ups_message_key UNIQUE (lead_id, revision),
    -- ANSWERED: caught up. OVERTAKEN: somebody wrote meanwhile. GIVEN_UP: the service cannot answer it either, or came back too late.
    CONSTRAINT catch_ups_state_known CHECK (state IN ('WAITING', 'ANSWERED', 'OVERTAKEN', 'GIVEN_UP')),
    CONSTRAINT catch_ups_end_fits CHECK ((state = 'WAITING') = (ended_at IS NULL))
);
CREATE INDEX catch_ups_waiting ON catch_ups (tenant_id, created_at) WHERE state = 'WAITING';
CREATE INDEX catch_ups_lead ON catch_ups (tenant_id, lead_id);
SELECT fence_table('catch_ups', 'SELECT, INSERT, UPDATE');
CREATE POLICY platform ON catch_ups FOR SELECT TO immivo_platform USING (true);
GRANT SELECT (tenant_id, state) ON catch_ups TO immivo_platform;
