-- Who belongs to an agency: invitations, leaving, and what agents see of leads that nobody has.

ALTER TABLE tenants
    -- agents see leads that are assigned to nobody, and what hangs on them; administrators always do
    ADD COLUMN unassigned_visible boolean NOT NULL DEFAULT false,
    -- set: the agency's people are locked out. Mail goes on coming in.
    ADD COLUMN suspended_at     timestamptz,
    ADD COLUMN suspended_reason text,
    ADD CONSTRAINT tenants_suspension_has_reason CHECK ((suspended_at IS NULL) = (suspended_reason IS NULL));

ALTER TABLE users ADD COLUMN version integer NOT NULL DEFAULT 1;
CREATE INDEX users_page ON users (tenant_id, created_at, id);
-- What somebody who leaves hands over is found by these.
CREATE INDEX leads_assignee ON leads (tenant_id, assignee_id);
CREATE INDEX viewings_agent ON viewings (tenant_id, agent_id, starts_at);

-- Whom the agency asked to join. The link in the mail carries a secret of 256 random bits; here is only its SHA-256.
CREATE TABLE invitations (
    id          uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    email       text NOT NULL,
    role        text NOT NULL,
    -- set: no new user, but a new sign-in for this one. Whoever accepts becomes its subject.
    user_id     uuid REFERENCES users ON DELETE CASCADE,
    invited_by  uuid NOT NULL REFERENCES users,
    secret_hash bytea NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    accepted_by uuid REFERENCES users,
    accepted_at timestamptz,
    revoked_at  timestamptz,
    CONSTRAINT invitations_secret_key UNIQUE (secret_hash),
    CONSTRAINT invitations_email_lower CHECK (email = lower(email)),
    CONSTRAINT invitations_role_known CHECK (role IN ('ADMIN', 'AGENT')),
    CONSTRAINT invitations_accepted_by_somebody CHECK ((accepted_at IS NULL) = (accepted_by IS NULL)),
    CONSTRAINT invitations_one_end CHECK (accepted_at IS NULL OR revoked_at IS NULL)
);
-- One open invitation for an address; a new one takes the place of one that ran out.
CREATE UNIQUE INDEX invitations_one_open ON invitations (tenant_id, email) WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX invitations_page ON invitations (tenant_id, created_at DESC, id DESC);
CREATE INDEX invitations_email ON invitations (email) WHERE accepted_at IS NULL AND revoked_at IS NULL;
SELECT fence_table('invitations', 'SELECT, INSERT, UPDATE');
SELECT audit_table('invitations', '{secret_hash}');
-- Whoever was invited does not know their tenant yet.
CREATE POLICY platform ON invitations FOR SELECT TO immivo_platform USING (true);
GRANT SELECT ON invitations TO immivo_platform;
