-- Pictures and documents of mails are kept in the file store as well: they are shown and sent on long after the mail was
-- read, and unpacking many megabytes of mail each time is slow.
ALTER TABLE attachments
    -- NULL: only in the raw mail
    ADD COLUMN file_key text,
    -- whatever a bug writes, a row never leads to another tenant's file
    ADD CONSTRAINT attachments_file_key_own CHECK (starts_with(file_key, 'attachments/' || tenant_id || '/'));
-- A mail read again may have its files kept this time.
GRANT UPDATE (file_key) ON attachments TO immivo_app;
