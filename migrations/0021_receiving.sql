-- Receiving in full: the mails of many senders are stored by one commit, and it is kept who a mail really comes from.

-- The same as enqueue_job, for many jobs of one kind at once: a commit that stores fifty mails has fifty jobs. They are due
-- at once, in no particular order.
CREATE FUNCTION enqueue_jobs(task text, payloads jsonb[], job_keys text[], attempts smallint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET enable_seqscan = off AS $$
DECLARE
    made bigint;
BEGIN
    IF app_tenant() IS NULL
       OR EXISTS (SELECT FROM unnest(payloads) AS payload WHERE (payload ->> 'tenantId')::uuid IS DISTINCT FROM app_tenant()) THEN
        RAISE EXCEPTION 'a job % is not for the tenant of this transaction', task USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT count(*) INTO made FROM graphile_worker.add_jobs(ARRAY(
        SELECT ROW (task, job.payload::json, NULL, NULL, attempts, job.key, NULL, NULL)::graphile_worker.job_spec
        FROM unnest(payloads, job_keys) AS job (payload, key)));
    IF made <> cardinality(payloads) THEN
        RAISE EXCEPTION 'a job % could not be enqueued', task;
    END IF;
END $$;
REVOKE ALL ON FUNCTION enqueue_jobs(text, jsonb[], text[], smallint) FROM public;
GRANT EXECUTE ON FUNCTION enqueue_jobs(text, jsonb[], text[], smallint) TO immivo_app;

-- add_jobs looks up keys. A connection keeps the plan it made first, perhaps when the queue was empty and reading all of it
-- was the cheapest; with a long queue every job would then cost the more the more wait. Its indexes are always good enough.
ALTER FUNCTION enqueue_job(text, jsonb, text, interval, text, smallint) SET enable_seqscan = off;

-- What the door knew of the sender ("door": the name it gave itself, whether it came over TLS), and once the mail was read
-- what SPF, DKIM, DMARC and ARC say of it (src/domain/intake/sender.rs). NULL: neither.
ALTER TABLE intake_messages ADD COLUMN authentication jsonb;

-- Domains that forward portals' mail to us for this agency: what they pass on counts as the portal's.
ALTER TABLE tenants
    ADD COLUMN trusted_forwarders text[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT tenants_trusted_forwarders_few CHECK (cardinality(trusted_forwarders) <= 20);
