-- Listings. Money is whole cents of `currency`; areas are square metres; floors count from 0 = ground floor.
CREATE TABLE properties (
    id                     uuid PRIMARY KEY,
    tenant_id              uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    title                  text NOT NULL,
    description            text NOT NULL DEFAULT '',
    type                   text NOT NULL,
    marketing              text NOT NULL,
    status                 text NOT NULL,
    external_number        text,
    street                 text,
    house_number           text,
    zip                    text,
    city                   text,
    country                text NOT NULL,
    -- the exact address may be told to a prospect
    address_released       boolean NOT NULL DEFAULT false,
    currency               text NOT NULL DEFAULT 'EUR',
    purchase_price_cents   bigint,
    cold_rent_cents        bigint,
    warm_rent_cents        bigint,
    service_charge_cents   bigint,
    heating_cost_cents     bigint,
    deposit_cents          bigint,
    commission_text        text,
    living_area            double precision,
    usable_area            double precision,
    plot_area              double precision,
    rooms                  double precision,
    bedrooms               double precision,
    bathrooms              double precision,
    floor                  smallint,
    floors                 smallint,
    year_built             smallint,
    condition              text,
    heating                text,
    energy_certificate     text,
    energy_value           double precision,
    energy_class           text,
    energy_carrier         text,
    lift                   boolean,
    balcony                boolean,
    furnished              boolean,
    parking                text,
    pets_allowed           boolean,
    available_from         date,
    expose_url             text,
    -- who shows this listing; viewings are booked in this agent's calendar
    agent_id               uuid REFERENCES users,
    -- people shown round at once in one viewing
    viewing_capacity       smallint NOT NULL DEFAULT 1,
    version                integer NOT NULL DEFAULT 1,
    created_at             timestamptz NOT NULL,
    updated_at             timestamptz NOT NULL,
    CONSTRAINT properties_tenant_id_key UNIQUE (tenant_id, id),
    CONSTRAINT properties_type_known CHECK (type IN ('APARTMENT', 'HOUSE', 'LAND', 'COMMERCIAL', 'GARAGE', 'OTHER')),
    CONSTRAINT properties_marketing_known CHECK (marketing IN ('SALE', 'RENT', 'LEASE')),
    CONSTRAINT properties_status_known CHECK (status IN ('DRAFT', 'ACTIVE', 'RESERVED', 'SOLD', 'RENTED', 'ARCHIVED')),
    CONSTRAINT properties_country_known CHECK (country IN ('DE', 'AT', 'CH')),
    CONSTRAINT properties_capacity_range CHECK (viewing_capacity BETWEEN 1 AND 50)
);
CREATE INDEX properties_page ON properties (tenant_id, created_at DESC, id DESC);
-- Matching by the agency's own number ignores case, blanks and `/` against `-` (src/domain/properties/matching.rs).
CREATE INDEX properties_external_number ON properties (tenant_id, external_number);
SELECT fence_table('properties', 'SELECT, INSERT, UPDATE, DELETE');

-- The ids a listing has on the portals. One id of one portal belongs to one listing of a tenant.
CREATE TABLE property_portal_ids (
    tenant_id        uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    property_id      uuid NOT NULL,
    portal           text NOT NULL,
    portal_object_id text NOT NULL,
    CONSTRAINT property_portal_ids_pkey PRIMARY KEY (tenant_id, portal, portal_object_id),
    CONSTRAINT property_portal_ids_property FOREIGN KEY (tenant_id, property_id) REFERENCES properties (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX property_portal_ids_property ON property_portal_ids (property_id);
SELECT fence_table('property_portal_ids', 'SELECT, INSERT, UPDATE, DELETE');

-- Searchable pieces of listings and tenant facts with their vectors (1536 dimensions, unit length).
CREATE TABLE embedding_chunks (
    id          uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    property_id uuid NOT NULL,
    ordinal     smallint NOT NULL,
    text        text NOT NULL,
    -- vectors of different engines cannot be compared
    engine      text NOT NULL,
    embedding   vector(1536) NOT NULL,
    created_at  timestamptz NOT NULL,
    CONSTRAINT embedding_chunks_place UNIQUE (property_id, engine, ordinal),
    CONSTRAINT embedding_chunks_property FOREIGN KEY (tenant_id, property_id) REFERENCES properties (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX embedding_chunks_vector ON embedding_chunks USING hnsw (embedding vector_cosine_ops);
SELECT fence_table('embedding_chunks', 'SELECT, INSERT, UPDATE, DELETE');
