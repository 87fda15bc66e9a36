-- The platform's own people. They are no tenant's users; what they see of a tenant they see in the name of one of its
-- people, for a reason, for an hour at most, and the tenant can read of it.

CREATE TABLE staff (
    -- the identity: subject of the token issuer
    subject    text PRIMARY KEY,
    name       text NOT NULL,
    created_at timestamptz NOT NULL
);
ALTER TABLE staff ENABLE ROW LEVEL SECURITY;
ALTER TABLE staff FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON staff TO immivo_platform USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON staff TO immivo_platform;

CREATE TABLE impersonations (
    id            uuid PRIMARY KEY,
    tenant_id     uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    -- in whose name
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    -- who; no reference, because staff may go and this stays
    staff_subject text NOT NULL,
    staff_name    text NOT NULL,
    reason        text NOT NULL,
    started_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    ended_at      timestamptz,
    CONSTRAINT impersonations_reason_said CHECK (reason <> ''),
    CONSTRAINT impersonations_an_hour CHECK (expires_at > started_at AND expires_at <= started_at + interval '60 minutes')
);
CREATE INDEX impersonations_tenant ON impersonations (tenant_id, started_at DESC);
SELECT fence_table('impersonations', 'SELECT, INSERT, UPDATE');
SELECT audit_table('impersonations');
-- A request brings the session's id before its tenant is known.
CREATE POLICY platform ON impersonations FOR SELECT TO immivo_platform USING (true);
GRANT SELECT ON impersonations TO immivo_platform;
