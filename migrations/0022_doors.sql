-- Two more doors for mail: what Amazon SES took in and tells us by SNS, and what another program hands in by the API.
ALTER TABLE intake_messages DROP CONSTRAINT intake_messages_door_known;
ALTER TABLE intake_messages ADD CONSTRAINT intake_messages_door_known CHECK (door IN ('SMTP', 'IMAP', 'SES', 'API'));

-- What a provider that took the mail in for us says of it: {spf, dkim, dmarc, spam, virus}. Ours alone is believed by
-- what decides about a mail; this one is shown.
ALTER TABLE intake_messages ADD COLUMN provider_verdicts jsonb;
