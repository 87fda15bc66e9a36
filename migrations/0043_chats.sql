-- What the agency's people ask their assistant, and what it answers. A chat is its user's alone, whatever their role:
-- every query names the user as well as the tenant.

CREATE TABLE chats (
    id               uuid PRIMARY KEY,
    tenant_id        uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    user_id          uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    title            text NOT NULL,
    -- what was said up to and with this message, for the model: a long chat does not fit into a prompt
    summary          text,
    summarised_up_to integer NOT NULL DEFAULT 0,
    version          integer NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    CONSTRAINT chats_tenant_id_key UNIQUE (tenant_id, id)
);
CREATE INDEX chats_page ON chats (tenant_id, user_id, created_at DESC, id DESC);
SELECT fence_table('chats', 'SELECT, INSERT, UPDATE, DELETE');
SELECT audit_table('chats', '{title,summary}');

CREATE TABLE chat_messages (
    id            uuid PRIMARY KEY,
    tenant_id     uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    chat_id       uuid NOT NULL,
    -- place in the chat, from 1
    number        integer NOT NULL,
    role          text NOT NULL,
    text          text NOT NULL,
    state         text NOT NULL,
    -- why an answer failed, in a word for programs
    error         text,
    -- the question an answer is for
    answers       uuid,
    -- the page the user looked at while asking
    context_kind  text,
    context_id    uuid,
    -- Idempotency-Key of the question
    request_key   text,
    -- A running answer says now and then that it is alive; one that has not for a while died with its process.
    beat_at       timestamptz,
    cancel_wanted boolean NOT NULL DEFAULT false,
    input_tokens  integer NOT NULL DEFAULT 0,
    output_tokens integer NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL,
    ended_at      timestamptz,
    CONSTRAINT chat_messages_tenant_id_key UNIQUE (tenant_id, id),
    CONSTRAINT chat_messages_number_key UNIQUE (chat_id, number),
    CONSTRAINT chat_messages_request_key UNIQUE (chat_id, request_key),
    CONSTRAINT chat_messages_chat FOREIGN KEY (tenant_id, chat_id) REFERENCES chats (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT chat_messages_role_known CHECK (role IN ('USER', 'ASSISTANT')),
    CONSTRAINT chat_messages_state_known CHECK (state IN ('RUNNING', 'DONE', 'FAILED', 'CANCELLED', 'INTERRUPTED')),
    CONSTRAINT chat_messages_context_known CHECK (context_kind IN ('LEAD', 'PROPERTY', 'TASK', 'DRAFT', 'VIEWING')),
    CONSTRAINT chat_messages_context_whole CHECK ((context_kind IS NULL) = (context_id IS NULL)),
    CONSTRAINT chat_messages_answer_fits CHECK ((role = 'ASSISTANT') = (answers IS NOT NULL)),
    CONSTRAINT chat_messages_error_fits CHECK ((state = 'FAILED') = (error IS NOT NULL)),
    CONSTRAINT chat_messages_end_fits CHECK ((state = 'RUNNING') = (ended_at IS NULL))
);
-- One answer at a time.
CREATE UNIQUE INDEX chat_messages_one_running ON chat_messages (chat_id) WHERE state = 'RUNNING';
SELECT fence_table('chat_messages', 'SELECT, INSERT, UPDATE');

-- What happened while an answer was made, in order: text, tools, cards. What a stream tells is read from here.
CREATE TABLE chat_steps (
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    message_id uuid NOT NULL,
    number     integer NOT NULL,
    -- src/domain/jarvis/model.rs, `Step`
    step       jsonb NOT NULL,
    CONSTRAINT chat_steps_key PRIMARY KEY (message_id, number),
    CONSTRAINT chat_steps_message FOREIGN KEY (tenant_id, message_id) REFERENCES chat_messages (tenant_id, id) ON DELETE CASCADE
);
SELECT fence_table('chat_steps', 'SELECT, INSERT, UPDATE, DELETE');

-- Which leads an answer speaks of, as far as a tool looked at them: an erasure finds by this what quotes the person.
CREATE TABLE chat_leads (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    message_id uuid NOT NULL,
    lead_id    uuid NOT NULL,
    CONSTRAINT chat_leads_key UNIQUE (message_id, lead_id),
    CONSTRAINT chat_leads_message FOREIGN KEY (tenant_id, message_id) REFERENCES chat_messages (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT chat_leads_lead FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX chat_leads_lead ON chat_leads (tenant_id, lead_id);
SELECT fence_table('chat_leads', 'SELECT, INSERT');
