-- Files that would run when opened are shown as such, so that nobody in an agency opens one by mistake. They are never kept
-- apart from the raw mail (0009): what is not a picture or a PDF stays there.
ALTER TABLE attachments
    -- by content or by name: crates/portal-mail/src/sniff.rs
    ADD COLUMN executable boolean NOT NULL DEFAULT false;
