-- The audit log writes itself: a trigger notes every change that a signed-in person (or a key that acts for one) makes
-- to a row of a table under audit. What the program does by itself is not here but on the lead's timeline.
--
-- Who acts is a setting of the transaction, as the tenant is: app.actor (see src/db/connection.rs). The application may
-- add and read rows of this table, never change them.

-- Puts one table under the tenant's fence, as in the first migration; from here on it stays for all that follow.
CREATE FUNCTION fence_table(name text, privileges text, tenant_column text DEFAULT 'tenant_id') RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_fence ON %I TO immivo_app USING (%I = app_tenant()) WITH CHECK (%I = app_tenant())',
                   name, tenant_column, tenant_column);
    EXECUTE format('GRANT %s ON %I TO immivo_app', privileges, name);
END $$;

ALTER TABLE audit_events
    -- who: USER (a person of the agency), KEY (a key for programs), STAFF (the platform's people)
    ADD COLUMN actor    text NOT NULL DEFAULT 'USER',
    -- id of the key, or the subject of the platform's staff acting as `user_id`
    ADD COLUMN actor_id text,
    -- changed columns only; secrets are replaced by "***"
    ADD COLUMN before   jsonb,
    ADD COLUMN after    jsonb,
    ADD CONSTRAINT audit_events_actor_known CHECK (actor IN ('USER', 'KEY', 'STAFF'));
-- Why somebody looked at another tenant, and what else a trigger cannot see, is in `details`.
DROP INDEX audit_events_tenant;
CREATE INDEX audit_events_page ON audit_events (tenant_id, at DESC, id DESC);
CREATE INDEX audit_events_entity ON audit_events (tenant_id, entity_id, at DESC);
-- People and rows may go; what they did stays.
ALTER TABLE audit_events DROP CONSTRAINT audit_events_user_id_fkey;

-- {"kind": "USER", "id": …, "userId": …, "requestId": …, "at": …}; NULL when the program acts by itself.
CREATE FUNCTION app_actor() RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.actor', true), '')::jsonb;

-- Runs with the rights of whoever changes the row, so the tenant's fence holds for what is noted, too.
CREATE FUNCTION note_audit() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    who      jsonb := app_actor();
    old_row  jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}' ELSE to_jsonb(OLD) END;
    new_row  jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}' ELSE to_jsonb(NEW) END;
    masked   text[] := TG_ARGV[0];
    -- bookkeeping that says nothing of its own
    silent   text[] := '{tenant_id,version,created_at,updated_at}';
    was      jsonb := '{}';
    is_now   jsonb := '{}';
    field    text;
BEGIN
    FOR field IN SELECT jsonb_object_keys(old_row || new_row) LOOP
        CONTINUE WHEN field = ANY (silent) OR old_row -> field IS NOT DISTINCT FROM new_row -> field;
        IF old_row ? field AND old_row -> field <> 'null' THEN
            was := was || jsonb_build_object(field, CASE WHEN field = ANY (masked) THEN '"***"' ELSE old_row -> field END);
        END IF;
        IF new_row ? field AND new_row -> field <> 'null' THEN
            is_now := is_now || jsonb_build_object(field, CASE WHEN field = ANY (masked) THEN '"***"' ELSE new_row -> field END);
        END IF;
    END LOOP;
    IF was = '{}' AND is_now = '{}' THEN
        RETURN NULL;
    END IF;
    INSERT INTO audit_events (id, tenant_id, at, actor, actor_id, user_id, action, entity, entity_id, request_id, before, after)
    VALUES (gen_random_uuid(), app_tenant(), (who ->> 'at')::timestamptz, who ->> 'kind', who ->> 'id', (who ->> 'userId')::uuid,
            lower(TG_OP), TG_TABLE_NAME, coalesce(new_row ->> TG_ARGV[1], old_row ->> TG_ARGV[1])::uuid,
            who ->> 'requestId', was, is_now);
    RETURN NULL;
END $$;

-- Puts one table under audit. `masked` names the columns whose values are secrets, `key` the column that names the row.
CREATE FUNCTION audit_table(name text, masked text[] DEFAULT '{}', key text DEFAULT 'id') RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER note_audit AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW
                    WHEN (nullif(current_setting(''app.actor'', true), '''') IS NOT NULL)
                    EXECUTE FUNCTION note_audit(%L, %L)', name, masked, key);
END $$;

SELECT audit_table(name) FROM unnest(ARRAY[
    'tenants', 'users', 'tenant_facts', 'properties', 'leads', 'tasks', 'drafts', 'viewings', 'viewing_seats']) AS name;
SELECT audit_table('property_portal_ids', key => 'property_id');
-- The mail itself would only swell the log.
SELECT audit_table('intake_messages', '{raw,raw_sha256,parsed}');
-- A message is in the log as written once; its text is on the lead.
SELECT audit_table('messages', '{text,html,citations}');
