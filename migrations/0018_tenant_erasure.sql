-- Erasing a whole agency. Its row goes at the very end; the receipt is nobody's row but the platform's, so no foreign key
-- takes it along.
CREATE TABLE tenant_erasures (
    id           uuid PRIMARY KEY,
    tenant_id    uuid NOT NULL,
    -- SHA-256 of the name: somebody who knows the name can check it, nobody can read it here
    name_sha256  bytea NOT NULL,
    requested_by uuid NOT NULL,
    requested_at timestamptz NOT NULL,
    -- rows erased so far, by table
    erased       jsonb NOT NULL DEFAULT '{}',
    finished_at  timestamptz,
    CONSTRAINT tenant_erasures_tenant_key UNIQUE (tenant_id)
);
SELECT fence_table('tenant_erasures', 'SELECT, INSERT, UPDATE');
CREATE POLICY platform ON tenant_erasures FOR SELECT TO immivo_platform USING (true);
GRANT SELECT ON tenant_erasures TO immivo_platform;

-- Each of the following does nothing unless the erasure of this tenant was asked for and is not through.
CREATE FUNCTION tenant_erasure_must_run() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM tenant_erasures WHERE tenant_id = app_tenant() AND finished_at IS NULL) THEN
        RAISE EXCEPTION 'no erasure of the tenant of this transaction is running' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- Erases at most about `most` rows of the tenant, and says how many of which table; `{}` when there are none.
-- It reads the schema, so a table that a later migration adds is erased without anybody remembering it here: what names
-- others goes before what it names, and what must wait for another table waits for the next call.
CREATE FUNCTION erase_tenant_rows(most bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    name   text;
    erased bigint;
    total  bigint := 0;
    counts jsonb := '{}';
    waits  boolean := false;
BEGIN
    PERFORM tenant_erasure_must_run();
    FOR name IN
        WITH RECURSIVE held AS (
            SELECT c.oid, c.relname FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
              AND c.relname <> 'tenant_erasures'
        ), depth AS (
            SELECT oid, 0 AS steps FROM held
            UNION
            SELECT f.conrelid, d.steps + 1 FROM depth d
            JOIN pg_constraint f ON f.confrelid = d.oid AND f.contype = 'f' AND f.conrelid <> f.confrelid
            JOIN held h ON h.oid = f.conrelid
            WHERE d.steps < 12
        )
        SELECT h.relname FROM held h JOIN depth d USING (oid) GROUP BY h.relname ORDER BY max(d.steps) DESC, h.relname
    LOOP
        BEGIN
            EXECUTE format('DELETE FROM %I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %I WHERE tenant_id = app_tenant() LIMIT $1))',
                           name, name) USING most - total;
            GET DIAGNOSTICS erased = ROW_COUNT;
        EXCEPTION WHEN foreign_key_violation THEN
            erased := 0;
            waits := true;
        END;
        IF erased > 0 THEN
            counts := counts || jsonb_build_object(name, erased);
            total := total + erased;
        END IF;
        EXIT WHEN total >= most;
    END LOOP;
    IF total = 0 AND waits THEN
        RAISE EXCEPTION 'rows of the tenant name each other in a circle';
    END IF;
    RETURN counts;
END $$;

-- Jobs of the tenant that run at this moment, but for the one that asks. Those that wait are removed.
CREATE FUNCTION other_jobs_of_tenant(task text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM tenant_erasure_must_run();
    DELETE FROM graphile_worker._private_jobs
    WHERE locked_at IS NULL AND json_typeof(payload) = 'object' AND payload ->> 'tenantId' = app_tenant()::text;
    RETURN (SELECT count(*) FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
            WHERE t.identifier <> task AND json_typeof(j.payload) = 'object' AND j.payload ->> 'tenantId' = app_tenant()::text);
END $$;

-- The last row, and the end of the receipt.
CREATE FUNCTION erase_tenant_row(at timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM tenant_erasure_must_run();
    DELETE FROM tenants WHERE id = app_tenant();
    UPDATE tenant_erasures SET finished_at = at, erased = erased || '{"tenants": 1}' WHERE tenant_id = app_tenant();
END $$;

REVOKE ALL ON FUNCTION erase_tenant_rows(bigint), other_jobs_of_tenant(text), erase_tenant_row(timestamptz) FROM public;
GRANT EXECUTE ON FUNCTION erase_tenant_rows(bigint), other_jobs_of_tenant(text), erase_tenant_row(timestamptz) TO immivo_app;
