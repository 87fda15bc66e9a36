-- The tray: why a mail is in it, senders nobody wants to hear of, layouts a human explained once, and reading many mails again.

ALTER TABLE intake_messages
    -- why it is where it is, as a code with a text in two languages (src/domain/intake/cause.rs); `reasons` is the whole trail
    ADD COLUMN cause        text,
    -- what the code is about: a domain, an error
    ADD COLUMN cause_detail text,
    -- the request that had it read again last
    ADD COLUMN reprocess_id uuid;
CREATE INDEX intake_messages_reprocess ON intake_messages (tenant_id, reprocess_id, state) WHERE reprocess_id IS NOT NULL;
CREATE INDEX intake_messages_sorted ON intake_messages (tenant_id, state, received_at) WHERE state IN ('TRAY', 'IGNORED', 'DISCARDED');

-- Mail of these ends as IGNORED; so do enquiries that name one of them as the prospect.
CREATE TABLE blocked_senders (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    -- lower case
    address    text NOT NULL,
    created_by uuid REFERENCES users,
    created_at timestamptz NOT NULL,
    CONSTRAINT blocked_senders_once UNIQUE (tenant_id, address)
);
CREATE INDEX blocked_senders_page ON blocked_senders (tenant_id, created_at DESC, id DESC);
SELECT fence_table('blocked_senders', 'SELECT, INSERT, DELETE');
SELECT audit_table('blocked_senders');

-- Where in the mails of a sender which field stands. Labels and positions, no values.
CREATE TABLE remembered_layouts (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    -- lower case
    sender     text NOT NULL,
    -- portal_mail::Layout
    layout     jsonb NOT NULL,
    created_by uuid REFERENCES users,
    created_at timestamptz NOT NULL,
    CONSTRAINT remembered_layouts_tenant_id_key UNIQUE (tenant_id, id)
);
CREATE INDEX remembered_layouts_page ON remembered_layouts (tenant_id, created_at DESC, id DESC);
CREATE INDEX remembered_layouts_sender ON remembered_layouts (tenant_id, sender);
SELECT fence_table('remembered_layouts', 'SELECT, INSERT, DELETE');
SELECT audit_table('remembered_layouts');

-- Having many mails read again, and how far it is: their states say what became of them.
CREATE TABLE intake_reprocesses (
    id            uuid PRIMARY KEY,
    tenant_id     uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    -- which mails; NULL means any
    states        text[] NOT NULL,
    portal        text,
    sender        text,
    received_from timestamptz,
    received_to   timestamptz NOT NULL,
    state         text NOT NULL DEFAULT 'QUEUED',
    -- how many there were when it was asked for
    total         bigint NOT NULL,
    requested_by  uuid REFERENCES users,
    requested_at  timestamptz NOT NULL,
    CONSTRAINT intake_reprocesses_tenant_id_key UNIQUE (tenant_id, id),
    CONSTRAINT intake_reprocesses_states_known CHECK (states <@ '{TRAY,IGNORED,DISCARDED}'::text[] AND cardinality(states) > 0),
    -- QUEUED: mails are being handed to the readers. HANDED_OUT: all of them are. FAILED: handing out was given up.
    CONSTRAINT intake_reprocesses_state_known CHECK (state IN ('QUEUED', 'HANDED_OUT', 'FAILED'))
);
CREATE INDEX intake_reprocesses_page ON intake_reprocesses (tenant_id, requested_at DESC, id DESC);
SELECT fence_table('intake_reprocesses', 'SELECT, INSERT, UPDATE');
ALTER TABLE intake_messages
    ADD CONSTRAINT intake_messages_reprocess FOREIGN KEY (tenant_id, reprocess_id) REFERENCES intake_reprocesses (tenant_id, id);
