-- Answers to creating requests that carried an Idempotency-Key: the same request once more gets the same answer, and
-- makes nothing. The row is written in the transaction that made the thing, so either both are there or neither.
CREATE TABLE idempotency_keys (
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    key        text NOT NULL,
    -- SHA-256 over operation and body: a key names one request
    request    bytea NOT NULL,
    status     smallint,
    location   text,
    body       jsonb,
    created_at timestamptz NOT NULL,
    -- a second request with the key waits here until the first has committed
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, user_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (tenant_id, created_at);
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_fence ON idempotency_keys TO immivo_app USING (tenant_id = app_tenant()) WITH CHECK (tenant_id = app_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO immivo_app;
