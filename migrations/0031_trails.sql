-- Who did what, where it was not told so far.

-- Administrators make these, and the mail that comes in changes them; the log has what people do.
SELECT audit_table('test_addresses', '{mark}');
SELECT audit_table('intake_reprocesses', '{sender}');

-- What the platform's own people do that is no one tenant's business, and who they became and stopped being. What they
-- do to one tenant stands in that tenant's audit log. Append-only: the application may add and read.
CREATE TABLE platform_events (
    id      uuid PRIMARY KEY,
    at      timestamptz NOT NULL,
    -- subject of the one who did it; NULL: whoever runs `immivo staff` on the machine
    actor   text,
    -- staff-added, staff-removed, tenants-listed
    action  text NOT NULL,
    -- subject of the one it was done to
    subject text,
    -- names the request in the log of the program
    request_id text,
    -- what else is to be said of it; nothing of a tenant's people
    details jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT platform_events_action_known CHECK (action IN ('staff-added', 'staff-removed', 'tenants-listed')),
    CONSTRAINT platform_events_about_staff CHECK ((subject IS NOT NULL) = (action IN ('staff-added', 'staff-removed'))),
    CONSTRAINT platform_events_looked_by CHECK (action <> 'tenants-listed' OR actor IS NOT NULL)
);
CREATE INDEX platform_events_page ON platform_events (at DESC, id DESC);
ALTER TABLE platform_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform_events FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON platform_events TO immivo_platform USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON platform_events TO immivo_platform;
