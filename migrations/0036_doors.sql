-- Jobs of stored mails go into the queue in a quarter of the time, and administrators are told of a mailbox that needs them.

-- Many jobs of one kind at once, due at once, in no particular order and without keys: those of mails that were just stored.
-- The queue library's add_jobs plans six statements anew at every call, five of which are about keys and queues; one call
-- for five jobs takes longer than storing their five mails. So this writes the rows by itself. The columns left out have the
-- library's defaults; tests/it/jobs.rs compares a job made here with one made by add_jobs, whatever version that is of.
CREATE FUNCTION enqueue_jobs(task text, payloads jsonb[], attempts smallint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    known integer;
BEGIN
    IF app_tenant() IS NULL
       OR EXISTS (SELECT FROM unnest(payloads) AS payload WHERE (payload ->> 'tenantId')::uuid IS DISTINCT FROM app_tenant()) THEN
        RAISE EXCEPTION 'a job % is not for the tenant of this transaction', task USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT id INTO known FROM graphile_worker._private_tasks WHERE identifier = task;
    IF known IS NULL THEN
        INSERT INTO graphile_worker._private_tasks (identifier) VALUES (task)
        ON CONFLICT (identifier) DO UPDATE SET identifier = excluded.identifier
        RETURNING id INTO known;
    END IF;
    INSERT INTO graphile_worker._private_jobs (task_id, payload, max_attempts)
    SELECT known, payload::json, attempts FROM unnest(payloads) AS payload;
    -- the words by which workers are woken
    PERFORM pg_notify('jobs:insert', format('{"r":%s,"count":%s}', random(), cardinality(payloads)));
END $$;
REVOKE ALL ON FUNCTION enqueue_jobs(text, jsonb[], smallint) FROM public;
GRANT EXECUTE ON FUNCTION enqueue_jobs(text, jsonb[], smallint) TO immivo_app;
-- Jobs that may be waiting already go in by the function of 0021, with their keys.

-- A watched mailbox has a problem that a human must do something about; `subject` is the mailbox, as in imap_cursors.
ALTER TABLE tasks
    DROP CONSTRAINT tasks_kind_known,
    ADD CONSTRAINT tasks_kind_known CHECK (kind IN (
        'ANSWER_QUESTION', 'ASSIGN_PROPERTY', 'CALL_BACK', 'COMPLAINT', 'INCOMPLETE_LEAD', 'DELIVERY_FAILED',
        'PORTAL_QUIET', 'PORTAL_FIELD_MISSING', 'MAILBOX_TROUBLE')),
    DROP CONSTRAINT tasks_subject_fits,
    ADD CONSTRAINT tasks_subject_fits CHECK (
        (kind IN ('PORTAL_QUIET', 'PORTAL_FIELD_MISSING', 'MAILBOX_TROUBLE')) = (subject IS NOT NULL));
