-- What an agency may set for itself: how it presents itself, when it answers, in which languages, and at what cost.
ALTER TABLE tenants
    -- the languages answers are written in; who writes in another one is answered in the first
    ADD COLUMN languages          text[] NOT NULL DEFAULT '{de,en,fr,it,es}',
    -- the agency's own address, for signatures and pages: all three or none
    ADD COLUMN street             text,
    ADD COLUMN zip                text,
    ADD COLUMN city               text,
    ADD COLUMN logo_url           text,
    -- #rrggbb, dark enough for white text
    ADD COLUMN primary_color      text,
    ADD COLUMN accent_color       text,
    -- wall-clock minutes after midnight in time_zone between which no automatic answer goes out; may span midnight
    ADD COLUMN quiet_from_minute  smallint,
    ADD COLUMN quiet_to_minute    smallint,
    -- for language engines, per calendar month of time_zone; NULL: no limit
    ADD COLUMN ai_budget_cents    bigint,
    ADD COLUMN ai_budget_currency text,
    -- the words that say a machine wrote, by language; a language that is not here has the words we come with
    ADD COLUMN ai_disclosures     jsonb NOT NULL DEFAULT '{}',
    -- days after the last activity of a lost lead; NULL: leads are kept
    ADD COLUMN retention_days     integer,
    ADD COLUMN plan               text NOT NULL DEFAULT 'TRIAL',
    ADD COLUMN licence            text NOT NULL DEFAULT 'TRIAL',
    -- grows with each change of the settings
    ADD COLUMN version            integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT tenants_languages_known CHECK (cardinality(languages) > 0 AND languages <@ '{de,en,fr,it,es}'::text[]),
    ADD CONSTRAINT tenants_address_whole CHECK (num_nulls(street, zip, city) IN (0, 3)),
    ADD CONSTRAINT tenants_colors_shape CHECK (primary_color ~ '^#[0-9a-f]{6}$' AND accent_color ~ '^#[0-9a-f]{6}$'),
    ADD CONSTRAINT tenants_quiet_hours CHECK (
        num_nulls(quiet_from_minute, quiet_to_minute) IN (0, 2) AND quiet_from_minute <> quiet_to_minute
        AND quiet_from_minute BETWEEN 0 AND 1439 AND quiet_to_minute BETWEEN 0 AND 1439),
    ADD CONSTRAINT tenants_ai_budget CHECK (num_nulls(ai_budget_cents, ai_budget_currency) IN (0, 2) AND ai_budget_cents >= 0),
    ADD CONSTRAINT tenants_retention_range CHECK (retention_days BETWEEN 1 AND 3650),
    -- billing brings more of both
    ADD CONSTRAINT tenants_plan_known CHECK (plan IN ('TRIAL')),
    ADD CONSTRAINT tenants_licence_known CHECK (licence IN ('TRIAL'));

-- Facts may be edited, so they count their versions.
ALTER TABLE tenant_facts ADD COLUMN version integer NOT NULL DEFAULT 1;

-- What a call cost, in millionths of a cent (the price of one token of a cheap model is a few of them).
ALTER TABLE ai_calls
    ADD COLUMN cost_micro_cents bigint NOT NULL DEFAULT 0,
    ADD COLUMN cost_currency    text NOT NULL DEFAULT 'EUR',
    ADD CONSTRAINT ai_calls_cost_positive CHECK (cost_micro_cents >= 0);
