-- How much of the answering an agency leaves to the system, and how much of it a day may bring.
ALTER TABLE tenants
    -- FULL: everything goes out; FIRST_ANSWER: the answer to an enquiry goes out, what follows is drafted; DRAFTS:
    -- everything is drafted; OFF: nothing is written, people are told what came
    ADD COLUMN automation_mode             text NOT NULL DEFAULT 'FULL',
    -- automatic mails on one lead in one day of time_zone, then answers become drafts; NULL: no limit of the agency's own
    ADD COLUMN daily_answers_per_lead      integer,
    -- leads for one listing in one day of time_zone, then no more viewings are offered that day; NULL: no limit
    ADD COLUMN daily_enquiries_per_property integer,
    ADD CONSTRAINT tenants_automation_mode_known CHECK (automation_mode IN ('FULL', 'FIRST_ANSWER', 'DRAFTS', 'OFF')),
    ADD CONSTRAINT tenants_daily_answers_range CHECK (daily_answers_per_lead BETWEEN 1 AND 100),
    ADD CONSTRAINT tenants_daily_enquiries_range CHECK (daily_enquiries_per_property BETWEEN 1 AND 10000);

-- What the switch said, the mode says; those who had it off had their answers drafted.
UPDATE tenants SET automation_mode = 'DRAFTS' WHERE NOT auto_send;
ALTER TABLE tenants DROP COLUMN auto_send;

-- The leads of a listing in a day.
CREATE INDEX leads_property_created ON leads (tenant_id, property_id, created_at);
