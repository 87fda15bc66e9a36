-- A lead holds one appointment at a time (viewing_seats_one_per_lead). One that has taken place must not stand in the
-- way of a second viewing, and was not cancelled either.
ALTER TABLE viewing_seats
    DROP CONSTRAINT viewing_seats_state_known,
    ADD CONSTRAINT viewing_seats_state_known CHECK (state IN ('CONFIRMED', 'CANCELLED', 'DONE'));
CREATE INDEX viewing_seats_lead ON viewing_seats (lead_id);
