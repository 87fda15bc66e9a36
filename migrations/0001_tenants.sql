-- Tenants, their people, and the two roles through which the application works.
--
-- Every table of a tenant carries tenant_id, and row-level security is FORCED on it. The application never works as
-- the owner of these tables: each transaction switches to `immivo_app` (sees one tenant, named by app.tenant_id) or to
-- `immivo_platform` (a few columns' worth of work that must look across tenants, such as finding the tenant of an
-- envelope recipient). Neither role may bypass row security.

CREATE EXTENSION IF NOT EXISTS vector;
CREATE EXTENSION IF NOT EXISTS btree_gist;   -- exclusion of overlapping viewings needs `=` on uuid in a GiST index

-- Roles belong to the cluster, not to the database: another database of the same cluster may have made them already.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'immivo_app') THEN
        CREATE ROLE immivo_app NOLOGIN NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'immivo_platform') THEN
        CREATE ROLE immivo_platform NOLOGIN NOBYPASSRLS;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;                                    -- two databases migrated at the same moment
END $$;
DO $$
BEGIN
    EXECUTE format('GRANT immivo_app, immivo_platform TO %I', current_user);
END $$;
GRANT USAGE ON SCHEMA public TO immivo_app, immivo_platform;

-- The tenant of this transaction; NULL (and so no row at all) when none was set.
CREATE FUNCTION app_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.tenant_id', true), '')::uuid;

-- Puts one table under the tenant's fence. Called once per table, so that no table gets a fence of its own making.
CREATE FUNCTION fence_table(name text, privileges text, tenant_column text DEFAULT 'tenant_id') RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_fence ON %I TO immivo_app USING (%I = app_tenant()) WITH CHECK (%I = app_tenant())',
                   name, tenant_column, tenant_column);
    EXECUTE format('GRANT %s ON %I TO immivo_app', privileges, name);
END $$;

CREATE TABLE tenants (
    id                   uuid PRIMARY KEY,
    name                 text NOT NULL,
    slug                 text NOT NULL,
    -- local part of the intake address: <prefix>@<intake domain>
    intake_prefix        text NOT NULL,
    country              text NOT NULL,
    time_zone            text NOT NULL,
    formal_address       boolean NOT NULL DEFAULT true,
    -- sender of this tenant's mails to prospects
    mail_from_name       text NOT NULL,
    mail_from_address    text NOT NULL,
    -- automation policy
    auto_send            boolean NOT NULL DEFAULT true,
    send_delay_seconds   integer NOT NULL DEFAULT 0,
    confidence_threshold double precision NOT NULL DEFAULT 0.8,
    -- viewing defaults; weekdays are ISO (1 = Monday), times are wall-clock minutes after midnight in time_zone
    viewing_weekdays     smallint[] NOT NULL DEFAULT '{1,2,3,4,5}',
    viewing_from_minute  smallint NOT NULL DEFAULT 540,
    viewing_to_minute    smallint NOT NULL DEFAULT 1080,
    slot_minutes         smallint NOT NULL DEFAULT 30,
    buffer_minutes       smallint NOT NULL DEFAULT 15,
    horizon_days         smallint NOT NULL DEFAULT 14,
    lead_time_minutes    integer NOT NULL DEFAULT 1440,
    created_at           timestamptz NOT NULL,
    CONSTRAINT tenants_slug_key UNIQUE (slug),
    CONSTRAINT tenants_intake_prefix_key UNIQUE (intake_prefix),
    CONSTRAINT tenants_intake_prefix_shape CHECK (intake_prefix ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    CONSTRAINT tenants_country_known CHECK (country IN ('DE', 'AT', 'CH')),
    CONSTRAINT tenants_threshold_range CHECK (confidence_threshold BETWEEN 0 AND 1),
    CONSTRAINT tenants_delay_range CHECK (send_delay_seconds BETWEEN 0 AND 86400),
    CONSTRAINT tenants_viewing_hours CHECK (viewing_from_minute >= 0 AND viewing_to_minute <= 1440 AND viewing_from_minute < viewing_to_minute),
    CONSTRAINT tenants_viewing_shape CHECK (slot_minutes BETWEEN 5 AND 480 AND buffer_minutes BETWEEN 0 AND 480
                                            AND horizon_days BETWEEN 1 AND 90 AND lead_time_minutes BETWEEN 0 AND 20160)
);
SELECT fence_table('tenants', 'SELECT, UPDATE', 'id');
CREATE POLICY platform ON tenants TO immivo_platform USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON tenants TO immivo_platform;

CREATE TABLE users (
    id          uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    -- the identity: subject of the token issuer, never the e-mail address
    subject     text NOT NULL,
    email       text NOT NULL,
    first_name  text NOT NULL,
    last_name   text NOT NULL,
    phone       text,
    role        text NOT NULL,
    active      boolean NOT NULL DEFAULT true,
    created_at  timestamptz NOT NULL,
    CONSTRAINT users_subject_key UNIQUE (subject),
    CONSTRAINT users_email_key UNIQUE (tenant_id, email),
    CONSTRAINT users_email_lower CHECK (email = lower(email)),
    CONSTRAINT users_role_known CHECK (role IN ('ADMIN', 'AGENT'))
);
SELECT fence_table('users', 'SELECT, INSERT, UPDATE');
-- Signing in starts from a subject (or, for the development issuer, an address) whose tenant is not known yet.
CREATE POLICY platform ON users FOR SELECT TO immivo_platform USING (true);
GRANT SELECT ON users TO immivo_platform;

-- What holds for every listing of the agency ("pets are allowed in all our houses").
CREATE TABLE tenant_facts (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    topic      text NOT NULL,
    text       text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX tenant_facts_tenant ON tenant_facts (tenant_id);
SELECT fence_table('tenant_facts', 'SELECT, INSERT, UPDATE, DELETE');

-- Who changed what. Append-only: the application may add and read, not change.
CREATE TABLE audit_events (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    at         timestamptz NOT NULL,
    user_id    uuid REFERENCES users,
    action     text NOT NULL,
    entity     text NOT NULL,
    entity_id  uuid NOT NULL,
    request_id text,
    details    jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_events_tenant ON audit_events (tenant_id, at DESC);
SELECT fence_table('audit_events', 'SELECT, INSERT');
