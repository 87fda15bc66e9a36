-- What the assistant may do only after a person said so, and what it was asked to remember.

-- A card: a tool with exactly these arguments waits for its user. What is carried out are the stored arguments; who says
-- yes proves with a token, bound to all of this, that they saw the card. A row is decided once.
CREATE TABLE chat_confirmations (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    message_id uuid NOT NULL,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    tool       text NOT NULL,
    arguments  text NOT NULL,
    -- what the card says, as it was shown
    card       jsonb NOT NULL,
    state      text NOT NULL DEFAULT 'OPEN',
    -- what came of it, for the chat
    outcome    text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    decided_at timestamptz,
    CONSTRAINT chat_confirmations_message FOREIGN KEY (tenant_id, message_id) REFERENCES chat_messages (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT chat_confirmations_state_known CHECK (state IN ('OPEN', 'CONFIRMED', 'DECLINED')),
    CONSTRAINT chat_confirmations_decision_fits CHECK ((state = 'OPEN') = (decided_at IS NULL)),
    CONSTRAINT chat_confirmations_outcome_fits CHECK ((state = 'CONFIRMED') = (outcome IS NOT NULL))
);
CREATE INDEX chat_confirmations_message ON chat_confirmations (tenant_id, message_id);
SELECT fence_table('chat_confirmations', 'SELECT, INSERT, UPDATE, DELETE');
-- Who said yes to what is worth a line; the arguments may be a whole letter.
SELECT audit_table('chat_confirmations', '{arguments,card,outcome}');

-- What a user wants the assistant to know in every chat. The user's alone, like the chats.
CREATE TABLE chat_memories (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    text       text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX chat_memories_page ON chat_memories (tenant_id, user_id, created_at DESC, id DESC);
SELECT fence_table('chat_memories', 'SELECT, INSERT, DELETE');
SELECT audit_table('chat_memories', '{text}');
