-- The export of a whole agency is a request like the export of one person: the same steps, files and receipt. It is asked
-- for no lead.
ALTER TABLE privacy_requests
    DROP CONSTRAINT privacy_requests_kind_known,
    DROP CONSTRAINT privacy_requests_lead_fits,
    DROP CONSTRAINT privacy_requests_expiry_fits,
    ADD CONSTRAINT privacy_requests_kind_known CHECK (kind IN ('EXPORT', 'ERASURE', 'RETENTION', 'TENANT_EXPORT')),
    ADD CONSTRAINT privacy_requests_lead_fits CHECK ((kind IN ('RETENTION', 'TENANT_EXPORT')) = (lead_id IS NULL)),
    ADD CONSTRAINT privacy_requests_expiry_fits CHECK (expires_at IS NULL OR kind IN ('EXPORT', 'TENANT_EXPORT'));

-- The erasure of an agency was given up after all attempts, and why; empty again once it goes on. Nobody of the agency is
-- left to see it: the platform's people do.
ALTER TABLE tenant_erasures
    ADD COLUMN given_up_at timestamptz,
    ADD COLUMN error       text,
    ADD CONSTRAINT tenant_erasures_error_fits CHECK ((given_up_at IS NULL) = (error IS NULL));
