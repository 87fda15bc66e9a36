-- Who gets a new lead: an ordered list of rules, of which the first that finds somebody who is there decides.

-- The list as a whole: it is read, replaced and versioned as one. No row: the agency has no rules of its own.
CREATE TABLE routing_lists (
    tenant_id uuid PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
    version   integer NOT NULL
);
SELECT fence_table('routing_lists', 'SELECT, INSERT, UPDATE');

CREATE TABLE routing_rules (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    -- 0 is asked first
    position   smallint NOT NULL,
    kind       text NOT NULL,
    portal     text,
    zip_prefix text,
    language   text,
    user_id    uuid REFERENCES users,
    CONSTRAINT routing_rules_tenant_id_key UNIQUE (tenant_id, id),
    CONSTRAINT routing_rules_place UNIQUE (tenant_id, position),
    CONSTRAINT routing_rules_whole CHECK (CASE kind
        WHEN 'PROPERTY_AGENT' THEN num_nonnulls(portal, zip_prefix, language, user_id) = 0
        WHEN 'ROUND_ROBIN'    THEN num_nonnulls(portal, zip_prefix, language, user_id) = 0
        WHEN 'PORTAL'         THEN portal IS NOT NULL AND user_id IS NOT NULL AND num_nonnulls(zip_prefix, language) = 0
        WHEN 'ZIP_PREFIX'     THEN zip_prefix IS NOT NULL AND user_id IS NOT NULL AND num_nonnulls(portal, language) = 0
        WHEN 'LANGUAGE'       THEN language IS NOT NULL AND user_id IS NOT NULL AND num_nonnulls(portal, zip_prefix) = 0
        ELSE false END)
);
-- A rule is never updated; the right to do so is the right to lock it (src/domain/routing/store.rs).
SELECT fence_table('routing_rules', 'SELECT, INSERT, UPDATE, DELETE');
SELECT audit_table('routing_rules');

-- Between whom a ROUND_ROBIN goes round.
CREATE TABLE routing_members (
    tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    rule_id   uuid NOT NULL,
    position  smallint NOT NULL,
    user_id   uuid NOT NULL REFERENCES users,
    -- of the leads of this rule, this share of the sum of all weights
    weight    smallint NOT NULL,
    CONSTRAINT routing_members_pkey PRIMARY KEY (rule_id, user_id),
    CONSTRAINT routing_members_rule FOREIGN KEY (tenant_id, rule_id) REFERENCES routing_rules (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT routing_members_weight CHECK (weight BETWEEN 1 AND 100)
);
SELECT fence_table('routing_members', 'SELECT, INSERT, DELETE');
SELECT audit_table('routing_members', key => 'rule_id');

-- How far it has gone round (src/domain/routing/turns.rs). Apart from the members: nobody's decision, so not in the log.
CREATE TABLE routing_turns (
    tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    rule_id   uuid NOT NULL,
    user_id   uuid NOT NULL,
    credit    bigint NOT NULL,
    CONSTRAINT routing_turns_pkey PRIMARY KEY (rule_id, user_id),
    CONSTRAINT routing_turns_rule FOREIGN KEY (tenant_id, rule_id) REFERENCES routing_rules (tenant_id, id) ON DELETE CASCADE
);
SELECT fence_table('routing_turns', 'SELECT, INSERT, UPDATE, DELETE');

-- Days on which somebody takes no new leads.
CREATE TABLE absences (
    id            uuid PRIMARY KEY,
    tenant_id     uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    user_id       uuid NOT NULL REFERENCES users,
    -- both days belong to it, in the agency's zone
    from_day      date NOT NULL,
    to_day        date NOT NULL,
    -- who takes them instead; NULL: the rules go on to the next
    substitute_id uuid REFERENCES users,
    created_at    timestamptz NOT NULL,
    CONSTRAINT absences_order CHECK (from_day <= to_day),
    CONSTRAINT absences_substitute_is_another CHECK (substitute_id <> user_id),
    -- of two at once nobody would know which substitute is meant
    CONSTRAINT absences_apart EXCLUDE USING gist (user_id WITH =, daterange(from_day, to_day, '[]') WITH &&)
);
CREATE INDEX absences_page ON absences (tenant_id, created_at DESC, id DESC);
SELECT fence_table('absences', 'SELECT, INSERT, DELETE');
SELECT audit_table('absences');
