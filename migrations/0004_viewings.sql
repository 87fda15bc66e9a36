-- Appointments at a property and the seats prospects hold in them.
CREATE TABLE viewings (
    id           uuid PRIMARY KEY,
    tenant_id    uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    property_id  uuid NOT NULL,
    agent_id     uuid NOT NULL REFERENCES users,
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    -- the appointment and the buffer behind it: what blocks the agent
    blocks       tstzrange NOT NULL,
    time_zone    text NOT NULL,
    capacity     smallint NOT NULL,
    state        text NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT viewings_tenant_id_key UNIQUE (tenant_id, id),
    CONSTRAINT viewings_property FOREIGN KEY (tenant_id, property_id) REFERENCES properties (tenant_id, id),
    CONSTRAINT viewings_order CHECK (starts_at < ends_at),
    CONSTRAINT viewings_capacity_range CHECK (capacity BETWEEN 1 AND 50),
    CONSTRAINT viewings_state_known CHECK (state IN ('CONFIRMED', 'CANCELLED')),
    -- an agent is in one place at a time, whatever two requests think at the same moment
    CONSTRAINT viewings_agent_free EXCLUDE USING gist (agent_id WITH =, blocks WITH &&) WHERE (state = 'CONFIRMED')
);
CREATE INDEX viewings_page ON viewings (tenant_id, starts_at, id);
SELECT fence_table('viewings', 'SELECT, INSERT, UPDATE');

CREATE TABLE viewing_seats (
    id           uuid PRIMARY KEY,
    tenant_id    uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    viewing_id   uuid NOT NULL,
    lead_id      uuid NOT NULL,
    -- 1..capacity; with the index below k seats never take k+1 people
    seat         smallint NOT NULL,
    state        text NOT NULL,
    -- calendar identity (RFC 5545 UID); it stays when the prospect moves the appointment
    ics_uid      text NOT NULL,
    ics_sequence integer NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT viewing_seats_viewing FOREIGN KEY (tenant_id, viewing_id) REFERENCES viewings (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT viewing_seats_lead FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT viewing_seats_positive CHECK (seat >= 1),
    CONSTRAINT viewing_seats_state_known CHECK (state IN ('CONFIRMED', 'CANCELLED'))
);
CREATE UNIQUE INDEX viewing_seats_taken ON viewing_seats (viewing_id, seat) WHERE state = 'CONFIRMED';
-- A lead holds one appointment at a time; moving it moves the seat.
CREATE UNIQUE INDEX viewing_seats_one_per_lead ON viewing_seats (lead_id) WHERE state = 'CONFIRMED';
CREATE INDEX viewing_seats_viewing ON viewing_seats (viewing_id);
SELECT fence_table('viewing_seats', 'SELECT, INSERT, UPDATE');
DROP FUNCTION fence_table(text, text, text);   -- a later migration brings its own, so nothing depends on this one
