-- Tables an agency brings along: leads and listings of the system it had before, row by row, and back again.

ALTER TABLE leads DROP CONSTRAINT leads_source_known;
ALTER TABLE leads ADD CONSTRAINT leads_source_known CHECK (source IN ('PORTAL', 'EMAIL', 'MANUAL', 'WIDGET', 'IMPORT'));

CREATE TABLE imports (
    id           uuid PRIMARY KEY,
    tenant_id    uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    kind         text NOT NULL,
    file_name    text NOT NULL,
    state        text NOT NULL DEFAULT 'PROPOSED',
    -- names of the columns as they stand in the file
    columns      text[] NOT NULL,
    -- what each of them is: a field, or '' for none (src/domain/imports/fields.rs)
    mapping      text[] NOT NULL,
    requested_by uuid REFERENCES users,
    created_at   timestamptz NOT NULL,
    started_at   timestamptz,
    finished_at  timestamptz,
    version      integer NOT NULL DEFAULT 1,
    CONSTRAINT imports_tenant_id_key UNIQUE (tenant_id, id),
    CONSTRAINT imports_kind_known CHECK (kind IN ('LEADS', 'PROPERTIES')),
    -- PROPOSED: nothing is made yet. RUNNING and UNDOING: a job is at it. FAILED: it was given up, start or undo again.
    CONSTRAINT imports_state_known CHECK (state IN ('PROPOSED', 'RUNNING', 'DONE', 'UNDOING', 'UNDONE', 'FAILED')),
    CONSTRAINT imports_mapping_fits CHECK (cardinality(columns) = cardinality(mapping)),
    CONSTRAINT imports_started_fits CHECK ((state = 'PROPOSED') = (started_at IS NULL))
);
CREATE INDEX imports_page ON imports (tenant_id, created_at DESC, id DESC);
SELECT fence_table('imports', 'SELECT, INSERT, UPDATE, DELETE');
SELECT audit_table('imports');

CREATE TABLE import_rows (
    id             uuid PRIMARY KEY,
    tenant_id      uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    import_id      uuid NOT NULL,
    -- where it stands in the file
    number         integer NOT NULL,
    -- What stands in it, which may be about a person: kept until the row is made into something, of refused rows a month.
    cells          text[],
    state          text NOT NULL,
    -- what is wrong with it, by field
    problems       jsonb NOT NULL DEFAULT '[]',
    -- what it became, or what was there already
    entity_id      uuid,
    -- the version that was made: whatever has another was worked on and is not taken back
    entity_version integer,
    CONSTRAINT import_rows_number_key UNIQUE (tenant_id, import_id, number),
    CONSTRAINT import_rows_import FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id) ON DELETE CASCADE,
    -- KEPT: made, worked on since, and therefore not taken back.
    CONSTRAINT import_rows_state_known CHECK (state IN ('WAITING', 'INVALID', 'CREATED', 'DUPLICATE', 'UNDONE', 'KEPT')),
    CONSTRAINT import_rows_waiting_holds CHECK (state <> 'WAITING' OR cells IS NOT NULL),
    CONSTRAINT import_rows_entity_fits CHECK ((state IN ('CREATED', 'DUPLICATE', 'KEPT')) = (entity_id IS NOT NULL))
);
CREATE INDEX import_rows_state ON import_rows (tenant_id, import_id, state, number);
SELECT fence_table('import_rows', 'SELECT, INSERT, UPDATE');

-- The application's role does not delete leads. One that an import made and nobody touched since it takes back through this
-- function, while that import is being undone; everything else it leaves and answers false.
CREATE FUNCTION undo_imported_lead(import uuid, lead uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    DELETE FROM leads l USING import_rows r JOIN imports i ON i.tenant_id = r.tenant_id AND i.id = r.import_id
    WHERE l.tenant_id = app_tenant() AND l.id = lead AND r.tenant_id = app_tenant() AND r.entity_id = lead AND r.state = 'CREATED'
      AND r.import_id = import AND i.state = 'UNDOING' AND i.kind = 'LEADS' AND l.version = r.entity_version
      -- what came in the file itself is one message at most
      AND (SELECT count(*) FROM messages m JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
           WHERE c.tenant_id = l.tenant_id AND c.lead_id = l.id) <= 1
      AND NOT EXISTS (SELECT FROM messages m JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
                      WHERE c.tenant_id = l.tenant_id AND c.lead_id = l.id AND m.intake_message_id IS NOT NULL)
      AND NOT EXISTS (SELECT FROM outbox o WHERE o.tenant_id = l.tenant_id AND o.lead_id = l.id)
      AND NOT EXISTS (SELECT FROM drafts d WHERE d.tenant_id = l.tenant_id AND d.lead_id = l.id)
      AND NOT EXISTS (SELECT FROM tasks t WHERE t.tenant_id = l.tenant_id AND t.lead_id = l.id)
      AND NOT EXISTS (SELECT FROM viewing_seats s WHERE s.tenant_id = l.tenant_id AND s.lead_id = l.id);
    RETURN FOUND;
END $$;
REVOKE ALL ON FUNCTION undo_imported_lead(uuid, uuid) FROM public;
GRANT EXECUTE ON FUNCTION undo_imported_lead(uuid, uuid) TO immivo_app;
