-- Raw mail, leads, their conversations, and what a human must decide.

-- One raw mail as received. The row and its job are committed before the sender gets its 250.
CREATE TABLE intake_messages (
    id             uuid PRIMARY KEY,
    tenant_id      uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    received_at    timestamptz NOT NULL,
    door           text NOT NULL,
    peer           text NOT NULL,
    envelope_from  text NOT NULL,
    envelope_to    text NOT NULL,
    raw            bytea NOT NULL,
    raw_sha256     bytea NOT NULL,
    state          text NOT NULL DEFAULT 'RECEIVED',
    class          text,
    portal         text,
    adapter        text,
    subject        text,
    sender         text,
    language       text,
    -- what was understood, as `immivo parse` prints it; self-disclosure is left out here
    parsed         jsonb,
    reasons        text[] NOT NULL DEFAULT '{}',
    message_id     text,
    processed_at   timestamptz,
    decided_by     uuid REFERENCES users,
    CONSTRAINT intake_messages_tenant_id_key UNIQUE (tenant_id, id),
    -- a sender that never saw our 250 sends the same bytes again
    CONSTRAINT intake_messages_same_bytes UNIQUE (tenant_id, raw_sha256),
    CONSTRAINT intake_messages_door_known CHECK (door IN ('SMTP', 'IMAP')),
    -- RECEIVED: stored, job waiting. DONE: became or joined a lead. DUPLICATE: a copy of one that did.
    -- IGNORED: nothing a lead could come from (newsletter, auto-reply). TRAY: a human sorts it. DISCARDED: a human said no.
    CONSTRAINT intake_messages_state_known CHECK (state IN ('RECEIVED', 'DONE', 'DUPLICATE', 'IGNORED', 'TRAY', 'DISCARDED'))
);
ALTER TABLE intake_messages ALTER COLUMN raw SET STORAGE EXTERNAL;   -- mail with attachments does not compress
CREATE INDEX intake_messages_page ON intake_messages (tenant_id, received_at DESC, id DESC);
CREATE INDEX intake_messages_tray ON intake_messages (tenant_id, received_at DESC, id DESC) WHERE state = 'TRAY';
CREATE INDEX intake_messages_message_id ON intake_messages (tenant_id, message_id);
SELECT fence_table('intake_messages', 'SELECT, INSERT, UPDATE');

CREATE TABLE attachments (
    id                uuid PRIMARY KEY,
    tenant_id         uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    intake_message_id uuid NOT NULL,
    -- which part of the raw mail: the bytes are kept once, there
    part              integer NOT NULL,
    name              text NOT NULL,
    content_type      text NOT NULL,
    size              bigint NOT NULL,
    sha256            text NOT NULL,
    CONSTRAINT attachments_place UNIQUE (intake_message_id, part),
    CONSTRAINT attachments_intake_message FOREIGN KEY (tenant_id, intake_message_id) REFERENCES intake_messages (tenant_id, id) ON DELETE CASCADE
);
SELECT fence_table('attachments', 'SELECT, INSERT');

CREATE TABLE leads (
    id                 uuid PRIMARY KEY,
    tenant_id          uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    -- written by src/domain/leads/state.rs and nowhere else
    status             text NOT NULL,
    automation         text NOT NULL,
    lost_reason        text,
    source             text NOT NULL,
    portal             text,
    salutation         text,
    first_name         text,
    last_name          text,
    email              text,
    address_kind       text NOT NULL,
    phone              text,
    language           text,
    formal_address     boolean,
    property_id        uuid,
    assignee_id        uuid REFERENCES users,
    -- the portal did not send the enquiry itself ("click to see it")
    incomplete         boolean NOT NULL DEFAULT false,
    -- how the mail named the listing, kept apart from what it was matched to
    reference          jsonb NOT NULL DEFAULT '{}',
    -- same person, same listing, same words: src/domain/leads/dedupe.rs
    enquiry_key        bytea NOT NULL,
    enquiry_day        date NOT NULL,
    first_response_at  timestamptz,
    version            integer NOT NULL DEFAULT 1,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    CONSTRAINT leads_tenant_id_key UNIQUE (tenant_id, id),
    CONSTRAINT leads_property FOREIGN KEY (tenant_id, property_id) REFERENCES properties (tenant_id, id),
    CONSTRAINT leads_same_enquiry UNIQUE (tenant_id, enquiry_key, enquiry_day),
    CONSTRAINT leads_status_known CHECK (status IN ('NEW', 'CONTACTED', 'CONVERSATION', 'BOOKED', 'LOST')),
    CONSTRAINT leads_automation_known CHECK (automation IN ('ACTIVE', 'NEEDS_REVIEW', 'DRAFT', 'ESCALATED', 'CALL_SCHEDULED', 'PAUSED')),
    CONSTRAINT leads_lost_has_reason CHECK ((status = 'LOST') = (lost_reason IS NOT NULL)),
    CONSTRAINT leads_source_known CHECK (source IN ('PORTAL', 'EMAIL', 'MANUAL')),
    CONSTRAINT leads_salutation_known CHECK (salutation IN ('MR', 'MS', 'DIVERSE')),
    CONSTRAINT leads_address_kind_known CHECK (address_kind IN ('direct', 'relay', 'none')),
    CONSTRAINT leads_address_kind_fits CHECK ((address_kind = 'none') = (email IS NULL)),
    CONSTRAINT leads_language_known CHECK (language IN ('de', 'en', 'fr', 'it', 'es'))
);
CREATE INDEX leads_page ON leads (tenant_id, created_at DESC, id DESC);
CREATE INDEX leads_email ON leads (tenant_id, email);
CREATE INDEX leads_property ON leads (property_id);
SELECT fence_table('leads', 'SELECT, INSERT, UPDATE');

-- What prospects said of income, family or health. Apart from the message, so that no model sees it by accident.
CREATE TABLE lead_disclosures (
    lead_id    uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    data       jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT lead_disclosures_lead FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE
);
SELECT fence_table('lead_disclosures', 'SELECT, INSERT, UPDATE, DELETE');

-- The timeline: what happened to a lead, who or what decided, on which facts.
CREATE TABLE lead_events (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    lead_id    uuid NOT NULL,
    at         timestamptz NOT NULL,
    kind       text NOT NULL,
    actor      text NOT NULL,
    user_id    uuid REFERENCES users,
    data       jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT lead_events_lead FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT lead_events_actor_known CHECK (actor IN ('SYSTEM', 'AI', 'AGENT', 'PROSPECT'))
);
CREATE INDEX lead_events_lead ON lead_events (lead_id, at, id);
SELECT fence_table('lead_events', 'SELECT, INSERT');

CREATE TABLE conversations (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    lead_id    uuid NOT NULL,
    subject    text NOT NULL,
    -- grows with every inbound message; an answer to an older revision is not sent
    revision   integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    CONSTRAINT conversations_tenant_id_key UNIQUE (tenant_id, id),
    CONSTRAINT conversations_lead_key UNIQUE (lead_id),
    CONSTRAINT conversations_lead FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE
);
SELECT fence_table('conversations', 'SELECT, INSERT, UPDATE');

CREATE TABLE messages (
    id                uuid PRIMARY KEY,
    tenant_id         uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    conversation_id   uuid NOT NULL,
    direction         text NOT NULL,
    origin            text NOT NULL,
    subject           text NOT NULL,
    text              text NOT NULL,
    -- sanitised; NULL when the mail had none
    html              text,
    language          text,
    rfc_message_id    text,
    in_reply_to       text,
    reference_ids     text[] NOT NULL DEFAULT '{}',
    -- outbound only: queued until a provider accepted it
    delivery          text,
    -- which sentence rests on which fact
    citations         jsonb NOT NULL DEFAULT '[]',
    -- inbound: the revision it made; outbound: the revision it answers
    revision          integer NOT NULL,
    -- outbound: it answers its revision. A confirmation by rule does not, nor does one that only says "we got it".
    settles           boolean NOT NULL,
    intake_message_id uuid,
    created_at        timestamptz NOT NULL,
    sent_at           timestamptz,
    CONSTRAINT messages_tenant_id_key UNIQUE (tenant_id, id),
    CONSTRAINT messages_conversation FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT messages_intake_message FOREIGN KEY (tenant_id, intake_message_id) REFERENCES intake_messages (tenant_id, id),
    -- a mail processed twice (job retried after a crash) is one message
    CONSTRAINT messages_one_per_intake UNIQUE (conversation_id, intake_message_id),
    CONSTRAINT messages_direction_known CHECK (direction IN ('INBOUND', 'OUTBOUND')),
    CONSTRAINT messages_origin_known CHECK (origin IN ('PROSPECT', 'AGENT', 'AI_AUTO', 'AI_APPROVED', 'SYSTEM')),
    CONSTRAINT messages_delivery_known CHECK (delivery IN ('QUEUED', 'SENT', 'FAILED', 'CANCELLED', 'BOUNCED')),
    CONSTRAINT messages_delivery_fits CHECK ((direction = 'OUTBOUND') = (delivery IS NOT NULL))
);
CREATE INDEX messages_conversation ON messages (conversation_id, created_at, id);
CREATE INDEX messages_threading ON messages (tenant_id, rfc_message_id);
-- One automatic answer per revision: a job that runs twice cannot answer twice.
CREATE UNIQUE INDEX messages_one_auto_answer ON messages (conversation_id, revision) WHERE origin = 'AI_AUTO' AND settles AND delivery <> 'CANCELLED';
SELECT fence_table('messages', 'SELECT, INSERT, UPDATE');

-- Mails on their way out. The Message-ID is fixed here, before the first attempt.
CREATE TABLE outbox (
    id              uuid PRIMARY KEY,
    tenant_id       uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    lead_id         uuid,
    -- the message this delivers; NULL for notifications to the agency's own people
    message_id      uuid,
    rfc_message_id  text NOT NULL,
    from_name       text NOT NULL,
    from_address    text NOT NULL,
    to_name         text,
    to_address      text NOT NULL,
    -- where answers go: the intake address, so that they come back to us whatever the sender is
    reply_to        text,
    subject         text NOT NULL,
    text            text NOT NULL,
    -- NULL: plain text only (relay addresses of portals)
    html            text,
    calendar        text,
    calendar_method text,
    in_reply_to     text,
    reference_ids   text[] NOT NULL DEFAULT '{}',
    -- set for machine-made mail, so that other machines do not answer (RFC 3834)
    auto_submitted  boolean NOT NULL,
    state           text NOT NULL DEFAULT 'QUEUED',
    attempts        integer NOT NULL DEFAULT 0,
    last_error      text,
    provider_id     text,
    created_at      timestamptz NOT NULL,
    finished_at     timestamptz,
    CONSTRAINT outbox_rfc_message_id_key UNIQUE (rfc_message_id),
    CONSTRAINT outbox_message_key UNIQUE (message_id),
    CONSTRAINT outbox_message FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id),
    CONSTRAINT outbox_lead FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id),
    CONSTRAINT outbox_state_known CHECK (state IN ('QUEUED', 'SENT', 'FAILED', 'CANCELLED'))
);
CREATE INDEX outbox_open ON outbox (tenant_id, created_at) WHERE state = 'QUEUED';
SELECT fence_table('outbox', 'SELECT, INSERT, UPDATE');

-- Something a human must decide or do. Resolving executes it.
CREATE TABLE tasks (
    id          uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    lead_id     uuid,
    kind        text NOT NULL,
    title       text NOT NULL,
    details     jsonb NOT NULL DEFAULT '{}',
    state       text NOT NULL DEFAULT 'OPEN',
    owner_id    uuid REFERENCES users,
    resolution  jsonb,
    resolved_by uuid REFERENCES users,
    resolved_at timestamptz,
    created_at  timestamptz NOT NULL,
    CONSTRAINT tasks_lead FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT tasks_kind_known CHECK (kind IN ('ANSWER_QUESTION', 'ASSIGN_PROPERTY', 'CALL_BACK', 'COMPLAINT', 'INCOMPLETE_LEAD', 'DELIVERY_FAILED')),
    CONSTRAINT tasks_state_known CHECK (state IN ('OPEN', 'RESOLVED', 'CANCELLED'))
);
CREATE INDEX tasks_page ON tasks (tenant_id, created_at DESC, id DESC);
-- One open task of a kind per lead: a second question joins the first.
CREATE UNIQUE INDEX tasks_one_open ON tasks (lead_id, kind) WHERE state = 'OPEN';
SELECT fence_table('tasks', 'SELECT, INSERT, UPDATE');

-- An answer waiting for approval.
CREATE TABLE drafts (
    id              uuid PRIMARY KEY,
    tenant_id       uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    conversation_id uuid NOT NULL,
    lead_id         uuid NOT NULL,
    subject         text NOT NULL,
    text            text NOT NULL,
    citations       jsonb NOT NULL DEFAULT '[]',
    reason          text NOT NULL,
    state           text NOT NULL DEFAULT 'OPEN',
    revision        integer NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    decided_by      uuid REFERENCES users,
    decided_at      timestamptz,
    created_at      timestamptz NOT NULL,
    CONSTRAINT drafts_conversation FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT drafts_lead FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT drafts_state_known CHECK (state IN ('OPEN', 'APPROVED', 'REJECTED', 'SUPERSEDED'))
);
CREATE INDEX drafts_page ON drafts (tenant_id, created_at DESC, id DESC);
CREATE UNIQUE INDEX drafts_one_open ON drafts (conversation_id) WHERE state = 'OPEN';
SELECT fence_table('drafts', 'SELECT, INSERT, UPDATE');

-- Every call to a language engine: what it was for, what it cost, what was decided.
CREATE TABLE ai_calls (
    id            uuid PRIMARY KEY,
    tenant_id     uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    lead_id       uuid,
    purpose       text NOT NULL,
    engine        text NOT NULL,
    model         text NOT NULL,
    input_tokens  integer NOT NULL,
    output_tokens integer NOT NULL,
    duration_ms   integer NOT NULL,
    outcome       text NOT NULL,
    at            timestamptz NOT NULL,
    CONSTRAINT ai_calls_lead FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ai_calls_tenant ON ai_calls (tenant_id, at DESC);
SELECT fence_table('ai_calls', 'SELECT, INSERT');
