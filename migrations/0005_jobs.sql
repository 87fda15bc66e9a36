-- The one way a job gets into the queue. The queue's own tables (schema graphile_worker, made by the queue library at
-- `immivo migrate`) are closed to the application's roles; this function checks that a tenant enqueues for itself only.
CREATE FUNCTION enqueue_job(task text, payload jsonb, queue text, run_after interval, job_key text, attempts smallint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF app_tenant() IS NULL OR (payload ->> 'tenantId')::uuid IS DISTINCT FROM app_tenant() THEN
        RAISE EXCEPTION 'job % is not for the tenant of this transaction', task USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM graphile_worker.add_job(
        task, payload::json, queue_name => queue, run_at => now() + run_after, max_attempts => attempts::int, job_key => job_key);
END $$;
REVOKE ALL ON FUNCTION enqueue_job(text, jsonb, text, interval, text, smallint) FROM public;
GRANT EXECUTE ON FUNCTION enqueue_job(text, jsonb, text, interval, text, smallint) TO immivo_app;
