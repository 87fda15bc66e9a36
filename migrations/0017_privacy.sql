-- What the agency holds of a person: given out, erased, and forgotten after its time (GDPR Art. 15, 17, 5 (1) e).
--
-- The application's role deletes next to nothing. What an erasure must remove it removes through the functions below:
-- each of them does nothing unless an erasure of this tenant is running, and none reaches another tenant's rows.

CREATE TABLE privacy_requests (
    id           uuid PRIMARY KEY,
    tenant_id    uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    -- EXPORT and ERASURE of the person behind a lead; RETENTION: the nightly run that found something to forget
    kind         text NOT NULL,
    -- The lead it was asked for. No foreign key: the lead goes, the receipt stays.
    lead_id      uuid,
    reason       text,
    state        text NOT NULL DEFAULT 'QUEUED',
    -- where it goes on after a process died; src/domain/privacy/model.rs knows the order
    step         text NOT NULL,
    -- Whom it is about and what is still to be removed, while it runs. Empty afterwards: a receipt names nobody.
    work         jsonb,
    -- what was done, in numbers by table
    receipt      jsonb NOT NULL DEFAULT '{}',
    -- an export's files: exports/<tenant>/<request>/<number>.zip
    parts        integer NOT NULL DEFAULT 0,
    requested_by uuid,
    requested_at timestamptz NOT NULL,
    finished_at  timestamptz,
    -- an export's files are removed then
    expires_at   timestamptz,
    CONSTRAINT privacy_requests_kind_known CHECK (kind IN ('EXPORT', 'ERASURE', 'RETENTION')),
    CONSTRAINT privacy_requests_lead_fits CHECK ((kind = 'RETENTION') = (lead_id IS NULL)),
    CONSTRAINT privacy_requests_reason_fits CHECK ((kind = 'ERASURE') = (reason IS NOT NULL)),
    CONSTRAINT privacy_requests_reason_known CHECK (
        reason IN ('PERSON_ASKED', 'CONSENT_WITHDRAWN', 'OBJECTION', 'NO_LONGER_NEEDED', 'UNLAWFUL', 'LEGAL_OBLIGATION')),
    CONSTRAINT privacy_requests_state_known CHECK (state IN ('QUEUED', 'RUNNING', 'DONE', 'FAILED', 'EXPIRED')),
    CONSTRAINT privacy_requests_ended_is_clean CHECK (work IS NULL OR state IN ('QUEUED', 'RUNNING', 'FAILED')),
    CONSTRAINT privacy_requests_expiry_fits CHECK (expires_at IS NULL OR kind = 'EXPORT')
);
CREATE INDEX privacy_requests_page ON privacy_requests (tenant_id, requested_at DESC, id DESC);
-- Asked for twice it is done once; a failed one is taken up again, not begun anew.
CREATE UNIQUE INDEX privacy_requests_one_open ON privacy_requests (tenant_id, kind, lead_id) NULLS NOT DISTINCT
    WHERE state IN ('QUEUED', 'RUNNING', 'FAILED');
SELECT fence_table('privacy_requests', 'SELECT, INSERT, UPDATE');
SELECT audit_table('privacy_requests', '{work,receipt}');

-- The same person under another address is often known by the telephone.
CREATE INDEX leads_phone ON leads (tenant_id, phone) WHERE phone IS NOT NULL;
CREATE INDEX leads_lost ON leads (tenant_id, updated_at) WHERE status = 'LOST';
-- What hangs on an erased row, and what names it, is found by these.
CREATE INDEX messages_intake_message ON messages (tenant_id, intake_message_id) WHERE intake_message_id IS NOT NULL;
CREATE INDEX outbox_lead ON outbox (tenant_id, lead_id);
CREATE INDEX drafts_lead ON drafts (tenant_id, lead_id);
CREATE INDEX drafts_conversation ON drafts (tenant_id, conversation_id);
CREATE INDEX tasks_lead ON tasks (tenant_id, lead_id);
CREATE INDEX ai_calls_lead ON ai_calls (tenant_id, lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX attachments_file ON attachments (tenant_id, file_key) WHERE file_key IS NOT NULL;

-- What an answer cost stays with the month it belongs to; only whose answer it was is forgotten.
GRANT UPDATE (lead_id) ON ai_calls TO immivo_app;

CREATE FUNCTION erasure_must_run(request uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM privacy_requests
                   WHERE tenant_id = app_tenant() AND id = request AND kind IN ('ERASURE', 'RETENTION') AND state = 'RUNNING') THEN
        RAISE EXCEPTION 'no erasure % is running for the tenant of this transaction', request USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- Removes rows by id. What hangs on a lead (conversation, messages, drafts, tasks, timeline, disclosures, seats) and on a
-- raw mail (its attachments) goes with it by foreign key; what names them without hanging on them is named here.
CREATE FUNCTION erase_rows(request uuid, name text, ids uuid[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    erased bigint;
BEGIN
    PERFORM erasure_must_run(request);
    IF name <> ALL ('{leads,outbox,intake_messages,attachments}'::text[]) THEN
        RAISE EXCEPTION 'rows of % are not erased one by one', name USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('DELETE FROM %I WHERE tenant_id = app_tenant() AND id = ANY ($1)', name) USING ids;
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END $$;

-- The audit log is append-only for the application. Of erased rows it goes on saying who changed which field and when,
-- and no longer what stood there.
CREATE FUNCTION redact_audit(request uuid, ids uuid[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    redacted bigint;
BEGIN
    PERFORM erasure_must_run(request);
    UPDATE audit_events
    SET before = (SELECT jsonb_object_agg(field, '(erased)') FROM jsonb_object_keys(before) AS field),
        after = (SELECT jsonb_object_agg(field, '(erased)') FROM jsonb_object_keys(after) AS field),
        details = '{}'
    WHERE tenant_id = app_tenant() AND entity_id = ANY (ids);
    GET DIAGNOSTICS redacted = ROW_COUNT;
    RETURN redacted;
END $$;

-- Jobs for erased rows would find nothing to do. One that runs at this moment ends by itself.
CREATE FUNCTION forget_jobs(request uuid, ids uuid[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    forgotten bigint;
BEGIN
    PERFORM erasure_must_run(request);
    DELETE FROM graphile_worker._private_jobs
    WHERE locked_at IS NULL AND json_typeof(payload) = 'object' AND payload ->> 'tenantId' = app_tenant()::text
      AND EXISTS (SELECT FROM jsonb_each_text(payload::jsonb) AS field WHERE field.value = ANY (ids::text[]));
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;

REVOKE ALL ON FUNCTION erase_rows(uuid, text, uuid[]), redact_audit(uuid, uuid[]), forget_jobs(uuid, uuid[]) FROM public;
GRANT EXECUTE ON FUNCTION erase_rows(uuid, text, uuid[]), redact_audit(uuid, uuid[]), forget_jobs(uuid, uuid[]) TO immivo_app;
