-- Live events: what changed, for the people who have a page of it open (`GET /api/v1/events`). Ids, not data: whoever
-- hears of a change reads the thing itself, and is asked there whether they may. Kept for a day.
CREATE TABLE events (
    tenant_id   uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    -- The transaction that made the change. Numbers drawn from a sequence become visible out of order: a reader who has
    -- seen 12 would miss 11 if that commits later. So readers go by transaction, and only as far as every transaction
    -- has ended (src/domain/live/store.rs).
    xid         bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    -- order within the transaction
    id          bigint GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL DEFAULT now(),
    entity      text NOT NULL,
    entity_id   uuid NOT NULL,
    -- the lead it belongs to; may be gone meanwhile
    lead_id     uuid,
    -- version of the thing after the change, where it has one
    version     integer,
    -- whose lead it was before this change: they are told, so that it leaves their list
    former_id   uuid,
    CONSTRAINT events_pkey PRIMARY KEY (tenant_id, xid, id),
    -- USER is told to no client: it says that somebody's rights changed, so that open streams ask for theirs again
    CONSTRAINT events_entity_known CHECK (entity IN ('LEAD', 'MESSAGE', 'TASK', 'DRAFT', 'VIEWING', 'USER'))
);
-- Every process looks which tenants have news.
CREATE INDEX events_order ON events (xid);
SELECT fence_table('events', 'SELECT, INSERT');
-- Looking for news and forgetting the old is nobody's in particular.
CREATE POLICY platform ON events TO immivo_platform USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON events TO immivo_platform;

-- Notes one change. Runs with the rights of whoever changes the row, so the tenant's fence holds here, too. There is no
-- NOTIFY: with it, transactions commit one after another (docs/decisions/0018).
CREATE FUNCTION note_event() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    tenant  uuid;
    thing   uuid;
    lead    uuid;
    number  integer;
    former  uuid;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW IS NOT DISTINCT FROM OLD THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN
        -- Only leads go one by one. When the whole tenant goes, nobody is left to be told.
        IF NOT EXISTS (SELECT FROM tenants WHERE id = OLD.tenant_id) THEN
            RETURN NULL;
        END IF;
        tenant := OLD.tenant_id; thing := OLD.id; lead := OLD.id; former := OLD.assignee_id;
    ELSE
        tenant := NEW.tenant_id; thing := NEW.id;
        CASE TG_TABLE_NAME
            WHEN 'leads' THEN
                lead := NEW.id; number := NEW.version;
                IF TG_OP = 'UPDATE' AND OLD.assignee_id IS DISTINCT FROM NEW.assignee_id THEN
                    former := OLD.assignee_id;
                END IF;
            WHEN 'messages' THEN
                SELECT c.lead_id INTO lead FROM conversations c WHERE c.tenant_id = tenant AND c.id = NEW.conversation_id;
            WHEN 'drafts' THEN
                lead := NEW.lead_id; number := NEW.version;
            WHEN 'viewings' THEN
                NULL;                        -- of several leads, perhaps; its seats name them
            WHEN 'viewing_seats' THEN
                thing := NEW.viewing_id; lead := NEW.lead_id;
            ELSE
                lead := NEW.lead_id;
        END CASE;
    END IF;
    INSERT INTO events (tenant_id, entity, entity_id, lead_id, version, former_id)
    VALUES (tenant, TG_ARGV[0], thing, lead, number, former);
    RETURN NULL;
END $$;

CREATE TRIGGER note_event AFTER INSERT OR UPDATE OR DELETE ON leads FOR EACH ROW EXECUTE FUNCTION note_event('LEAD');
CREATE TRIGGER note_event AFTER INSERT OR UPDATE ON messages FOR EACH ROW EXECUTE FUNCTION note_event('MESSAGE');
CREATE TRIGGER note_event AFTER INSERT OR UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION note_event('TASK');
CREATE TRIGGER note_event AFTER INSERT OR UPDATE ON drafts FOR EACH ROW EXECUTE FUNCTION note_event('DRAFT');
CREATE TRIGGER note_event AFTER INSERT OR UPDATE ON viewings FOR EACH ROW EXECUTE FUNCTION note_event('VIEWING');
CREATE TRIGGER note_event AFTER INSERT OR UPDATE ON viewing_seats FOR EACH ROW EXECUTE FUNCTION note_event('VIEWING');

-- Whoever loses the right to sign in, or gets another role, is asked for it again at once.
CREATE FUNCTION note_people() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO events (tenant_id, entity, entity_id) VALUES (NEW.tenant_id, 'USER', NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER note_people AFTER UPDATE OF active, role ON users FOR EACH ROW
    WHEN (OLD.active IS DISTINCT FROM NEW.active OR OLD.role IS DISTINCT FROM NEW.role) EXECUTE FUNCTION note_people();
