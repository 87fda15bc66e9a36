-- What an agency knows in words, found by meaning and by word: documents, texts of listings, facts, past conversations.
-- docs/decisions/0031 says why the search is built as it is, with figures.
CREATE EXTENSION IF NOT EXISTS btree_gin;   -- one index by tenant and word

-- A file somebody uploaded, for one listing or for the whole agency. Its bytes are in the file store under
-- documents/<tenant>/<id>; what can be read in it stands here, so that it can be indexed anew without the file.
CREATE TABLE documents (
    id           uuid PRIMARY KEY,
    tenant_id    uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    -- NULL: it holds for the whole agency
    property_id  uuid,
    name         text NOT NULL,
    content_type text NOT NULL,
    size         bigint NOT NULL,
    sha256       bytea NOT NULL,
    language     text NOT NULL,
    text         text NOT NULL,
    -- RECEIVED: stored, its job waits. INDEXED: it is found. FAILED: it is not, and a human may try again.
    state        text NOT NULL DEFAULT 'RECEIVED',
    uploaded_by  uuid REFERENCES users,
    version      integer NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    CONSTRAINT documents_tenant_id_key UNIQUE (tenant_id, id),
    CONSTRAINT documents_property FOREIGN KEY (tenant_id, property_id) REFERENCES properties (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT documents_state_known CHECK (state IN ('RECEIVED', 'INDEXED', 'FAILED')),
    CONSTRAINT documents_language_known CHECK (language IN ('de', 'en', 'fr', 'it', 'es'))
);
CREATE INDEX documents_page ON documents (tenant_id, created_at DESC, id DESC);
CREATE INDEX documents_property ON documents (tenant_id, property_id) WHERE property_id IS NOT NULL;
SELECT fence_table('documents', 'SELECT, INSERT, UPDATE, DELETE');
SELECT audit_table('documents', '{text,sha256}');

-- Pieces of these texts with their vectors, of unit length. A piece hangs on what it was made from and goes with it.
-- Vectors are half precision: the same order for half the bytes, and an index half as large. They are kept in the row
-- itself (PLAIN), because an exact search reads all of a tenant and would otherwise look each one up elsewhere.
CREATE TABLE knowledge_chunks (
    id            uuid PRIMARY KEY,
    tenant_id     uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    source        text NOT NULL,
    -- id of the listing, document, fact or lead it was made from
    source_id     uuid NOT NULL,
    -- PROPERTY: the listing. DOCUMENT: the listing it belongs to, if it does.
    property_id   uuid,
    document_id   uuid,
    fact_id       uuid,
    -- CONVERSATION: whose it is. Personal data.
    lead_id       uuid,
    ordinal       smallint NOT NULL,
    language      text NOT NULL,
    text          text NOT NULL,
    words         tsvector NOT NULL GENERATED ALWAYS AS (
        CASE language WHEN 'en' THEN to_tsvector('pg_catalog.english', text)
                      WHEN 'fr' THEN to_tsvector('pg_catalog.french', text)
                      WHEN 'it' THEN to_tsvector('pg_catalog.italian', text)
                      WHEN 'es' THEN to_tsvector('pg_catalog.spanish', text)
                      ELSE to_tsvector('pg_catalog.german', text) END) STORED,
    -- what made the vector: those of different models cannot be compared
    model         text NOT NULL,
    -- of the whole text it was made from, so that an unchanged one is not embedded again
    source_sha256 bytea NOT NULL,
    embedding     halfvec(1536) NOT NULL,
    created_at    timestamptz NOT NULL,
    CONSTRAINT knowledge_chunks_place UNIQUE (tenant_id, source, source_id, ordinal),
    CONSTRAINT knowledge_chunks_property FOREIGN KEY (tenant_id, property_id) REFERENCES properties (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT knowledge_chunks_document FOREIGN KEY (tenant_id, document_id) REFERENCES documents (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT knowledge_chunks_fact FOREIGN KEY (fact_id) REFERENCES tenant_facts ON DELETE CASCADE,
    CONSTRAINT knowledge_chunks_lead FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT knowledge_chunks_source_known CHECK (source IN ('PROPERTY', 'DOCUMENT', 'FACT', 'CONVERSATION')),
    -- what a piece hangs on is what it was made from; only a conversation is a lead's
    CONSTRAINT knowledge_chunks_hangs CHECK (source_id = CASE source WHEN 'PROPERTY' THEN property_id WHEN 'DOCUMENT' THEN document_id
                                                                     WHEN 'FACT' THEN fact_id ELSE lead_id END),
    CONSTRAINT knowledge_chunks_whose CHECK ((source = 'CONVERSATION') = (lead_id IS NOT NULL))
);
ALTER TABLE knowledge_chunks ALTER COLUMN embedding SET STORAGE PLAIN;
-- Of vectors of length 1 the negative inner product orders as the cosine does, for less work. Twice the usual neighbours,
-- chosen among three times as many: pieces of one agency are alike, and with the defaults a fifth of the nearest is lost.
CREATE INDEX knowledge_chunks_vector ON knowledge_chunks USING hnsw (embedding halfvec_ip_ops) WITH (m = 32, ef_construction = 200);
CREATE INDEX knowledge_chunks_words ON knowledge_chunks USING gin (tenant_id, words);
CREATE INDEX knowledge_chunks_property ON knowledge_chunks (tenant_id, property_id) WHERE property_id IS NOT NULL;
CREATE INDEX knowledge_chunks_document ON knowledge_chunks (tenant_id, document_id) WHERE document_id IS NOT NULL;
CREATE INDEX knowledge_chunks_fact ON knowledge_chunks (fact_id) WHERE fact_id IS NOT NULL;
CREATE INDEX knowledge_chunks_lead ON knowledge_chunks (tenant_id, lead_id) WHERE lead_id IS NOT NULL;
SELECT fence_table('knowledge_chunks', 'SELECT, INSERT, UPDATE, DELETE');
-- The two functions below run as the owner of the tables. Where that is no superuser, forced row-level security asks it
-- for a policy, too.
CREATE POLICY search ON knowledge_chunks FOR SELECT TO CURRENT_USER USING (tenant_id = app_tenant());

-- Pieces of listings were a table of their own.
DROP TABLE embedding_chunks;

-- The pieces of this transaction's tenant nearest to a vector of `by_model`, nearest first. Conversations are `viewer`'s to
-- read as their leads are (src/domain/leads/model.rs); NULL reads all.
--
-- A tenant with few pieces is read as a whole: that is exact, and faster than a walk through a graph in which one in a
-- thousand nodes is the tenant's. Of a large tenant the graph is walked on until enough of its own were found (iterative
-- scan). The planner cannot choose between the two by itself: it knows how many rows a tenant has on average only. Sorting is
-- off so that the walk is taken where it is wanted; the other branch has no way round a sort, and OFFSET 0 keeps the index
-- out of it.
--
-- It runs as the owner, because row-level security hides from the planner that words may be looked up in an index (`@@`
-- is not leakproof) and counts the tenant twice. It names the tenant itself and gives ids only; the rows behind them are
-- read under the fence.
CREATE FUNCTION knowledge_near(wanted halfvec, by_model text, viewer uuid, most integer) RETURNS TABLE (id uuid, place bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET enable_sort = off SET jit = off
    SET hnsw.iterative_scan = 'strict_order' SET hnsw.ef_search = 160 SET hnsw.max_scan_tuples = 40000 AS $$
#variable_conflict use_column
DECLARE
    tenant uuid := app_tenant();
    few    constant integer := 4000;
    held   bigint;
    all_see_unassigned constant boolean := (SELECT t.unassigned_visible FROM tenants t WHERE t.id = tenant);
BEGIN
    SELECT count(*) INTO held FROM (SELECT FROM knowledge_chunks c WHERE c.tenant_id = tenant LIMIT few + 1) AS counted;
    IF held > few THEN
        RETURN QUERY
        SELECT found.id, row_number() OVER () FROM (
            SELECT c.id FROM knowledge_chunks c
            WHERE c.tenant_id = tenant AND c.model = by_model AND (viewer IS NULL OR c.lead_id IS NULL OR EXISTS (
                  SELECT FROM leads l WHERE l.tenant_id = tenant AND l.id = c.lead_id
                     AND (l.assignee_id = viewer OR l.assignee_id IS NULL AND all_see_unassigned)))
            ORDER BY c.embedding <#> wanted LIMIT most) AS found;
    ELSE
        RETURN QUERY
        SELECT found.id, row_number() OVER () FROM (
            SELECT whole.id FROM (
                SELECT c.id, c.embedding <#> wanted AS away FROM knowledge_chunks c
                WHERE c.tenant_id = tenant AND c.model = by_model AND (viewer IS NULL OR c.lead_id IS NULL OR EXISTS (
                  SELECT FROM leads l WHERE l.tenant_id = tenant AND l.id = c.lead_id
                     AND (l.assignee_id = viewer OR l.assignee_id IS NULL AND all_see_unassigned))) OFFSET 0) AS whole
            ORDER BY whole.away, whole.id LIMIT most) AS found;
    END IF;
END $$;

-- The pieces of this transaction's tenant that hold the words of a question, best first: those with all of them, then those
-- with some. Words that stand everywhere say little, so no more than a few hundred pieces are weighed.
CREATE FUNCTION knowledge_worded(question text, viewer uuid, most integer) RETURNS TABLE (id uuid, place bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET jit = off AS $$
#variable_conflict use_column
DECLARE
    tenant   uuid := app_tenant();
    all_of   tsquery := plainto_tsquery('german', question) || plainto_tsquery('english', question);
    some_of  tsquery := replace(all_of::text, '&', '|')::tsquery;
    all_see_unassigned constant boolean := (SELECT t.unassigned_visible FROM tenants t WHERE t.id = tenant);
BEGIN
    IF numnode(all_of) = 0 THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH whole AS MATERIALIZED (
        SELECT c.id, c.words FROM knowledge_chunks c
        WHERE c.tenant_id = tenant AND c.words @@ all_of AND (viewer IS NULL OR c.lead_id IS NULL OR EXISTS (
                  SELECT FROM leads l WHERE l.tenant_id = tenant AND l.id = c.lead_id
                     AND (l.assignee_id = viewer OR l.assignee_id IS NULL AND all_see_unassigned))) LIMIT 200
    ), part AS MATERIALIZED (
        SELECT c.id, c.words FROM knowledge_chunks c
        WHERE c.tenant_id = tenant AND c.words @@ some_of AND (viewer IS NULL OR c.lead_id IS NULL OR EXISTS (
                  SELECT FROM leads l WHERE l.tenant_id = tenant AND l.id = c.lead_id
                     AND (l.assignee_id = viewer OR l.assignee_id IS NULL AND all_see_unassigned)))
          AND (SELECT count(*) FROM whole) < most LIMIT 200
    ), weighed AS (
        SELECT w.id, true AS has_all, ts_rank(w.words, some_of, 1) AS weight FROM whole w
        UNION ALL
        SELECT p.id, false, ts_rank(p.words, some_of, 1) FROM part p WHERE p.id NOT IN (SELECT w.id FROM whole w)
    )
    SELECT weighed.id, row_number() OVER (ORDER BY has_all DESC, weight DESC, weighed.id) FROM weighed
    ORDER BY 2 LIMIT most;
END $$;
REVOKE ALL ON FUNCTION knowledge_near(halfvec, text, uuid, integer), knowledge_worded(text, uuid, integer) FROM public;
GRANT EXECUTE ON FUNCTION knowledge_near(halfvec, text, uuid, integer), knowledge_worded(text, uuid, integer) TO immivo_app;

-- Whatever changes a text has it indexed anew, in the transaction of the change; nobody has to remember it. What is written
-- outside a tenant's transaction (a restore, a seed) is found by the nightly job. Conversations wait for a minute, because
-- an answer usually follows a message.
CREATE FUNCTION index_soon() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    source text := TG_ARGV[0];
    owner  uuid;
    wait   interval := '0';
BEGIN
    IF app_tenant() IS NULL THEN
        RETURN NULL;
    END IF;
    IF source = 'CONVERSATION' THEN
        SELECT c.lead_id INTO owner FROM conversations c WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.conversation_id;
        wait := '1 minute';
    ELSE
        owner := NEW.id;
    END IF;
    PERFORM enqueue_job('knowledge.index', jsonb_build_object('tenantId', NEW.tenant_id, 'source', source, 'id', owner),
                        NULL, wait, 'knowledge.index:' || owner, 8::smallint);
    RETURN NULL;
END $$;
CREATE TRIGGER index_new AFTER INSERT ON properties FOR EACH ROW EXECUTE FUNCTION index_soon('PROPERTY');
CREATE TRIGGER index_changed AFTER UPDATE OF description ON properties FOR EACH ROW
    WHEN (OLD.description IS DISTINCT FROM NEW.description) EXECUTE FUNCTION index_soon('PROPERTY');
CREATE TRIGGER index_new AFTER INSERT ON tenant_facts FOR EACH ROW EXECUTE FUNCTION index_soon('FACT');
CREATE TRIGGER index_changed AFTER UPDATE OF text ON tenant_facts FOR EACH ROW
    WHEN (OLD.text IS DISTINCT FROM NEW.text) EXECUTE FUNCTION index_soon('FACT');
CREATE TRIGGER index_new AFTER INSERT ON documents FOR EACH ROW EXECUTE FUNCTION index_soon('DOCUMENT');
CREATE TRIGGER index_changed AFTER UPDATE OF text, property_id ON documents FOR EACH ROW
    WHEN (OLD.text IS DISTINCT FROM NEW.text OR OLD.property_id IS DISTINCT FROM NEW.property_id) EXECUTE FUNCTION index_soon('DOCUMENT');
CREATE TRIGGER index_new AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION index_soon('CONVERSATION');
-- An answer that never went out is no part of the conversation.
CREATE TRIGGER index_changed AFTER UPDATE OF delivery ON messages FOR EACH ROW
    WHEN (NEW.delivery IN ('CANCELLED', 'FAILED') AND OLD.delivery IS DISTINCT FROM NEW.delivery) EXECUTE FUNCTION index_soon('CONVERSATION');

-- A document's file goes after its row, whatever removed that: a person, or its listing's end.
CREATE FUNCTION forget_document_file() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF app_tenant() IS NOT NULL THEN
        PERFORM enqueue_job('knowledge.forget_file', jsonb_build_object('tenantId', OLD.tenant_id, 'documentId', OLD.id),
                            NULL, '0', 'knowledge.forget_file:' || OLD.id, 8::smallint);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER forget_file AFTER DELETE ON documents FOR EACH ROW EXECUTE FUNCTION forget_document_file();
