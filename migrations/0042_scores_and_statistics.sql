-- How promising a lead is, and what statistics are read along.

-- 0 to 100, with what speaks for it: [{"aspect", "finding", "points", "of"}]. NULL: not looked at yet. Written by the job
-- leads.score and nothing else; the rule is src/domain/leads/score/rule.rs. It is no change of the lead that somebody who
-- edits it could overwrite, so the version stays.
ALTER TABLE leads
    ADD COLUMN score         smallint,
    ADD COLUMN score_reasons jsonb NOT NULL DEFAULT '[]',
    ADD CONSTRAINT leads_score_range CHECK (score BETWEEN 0 AND 100);
CREATE INDEX leads_score ON leads (tenant_id, coalesce(score, -1) DESC, id DESC);

-- Whatever a score rests on has it counted anew. Some seconds later, because changes come together.
CREATE FUNCTION score_soon() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    lead uuid;
BEGIN
    IF app_tenant() IS NULL THEN
        RETURN NULL;
    END IF;
    lead := CASE TG_TABLE_NAME WHEN 'leads' THEN (to_jsonb(NEW) ->> 'id')::uuid
                               WHEN 'messages' THEN (SELECT c.lead_id FROM conversations c
                                                     WHERE c.tenant_id = NEW.tenant_id AND c.id = (to_jsonb(NEW) ->> 'conversation_id')::uuid)
                               ELSE (to_jsonb(NEW) ->> 'lead_id')::uuid END;
    PERFORM enqueue_job('leads.score', jsonb_build_object('tenantId', NEW.tenant_id, 'leadId', lead),
                        NULL, '5 seconds', 'leads.score:' || lead, 5::smallint);
    RETURN NULL;
END $$;
CREATE TRIGGER score_new AFTER INSERT ON leads FOR EACH ROW EXECUTE FUNCTION score_soon();
CREATE TRIGGER score_changed AFTER UPDATE OF status, property_id, first_name, last_name, email, address_kind, phone ON leads FOR EACH ROW
    WHEN (ROW (OLD.status, OLD.property_id, OLD.first_name, OLD.last_name, OLD.email, OLD.address_kind, OLD.phone)
          IS DISTINCT FROM ROW (NEW.status, NEW.property_id, NEW.first_name, NEW.last_name, NEW.email, NEW.address_kind, NEW.phone))
    EXECUTE FUNCTION score_soon();
CREATE TRIGGER score_lead AFTER INSERT OR UPDATE ON lead_disclosures FOR EACH ROW EXECUTE FUNCTION score_soon();
CREATE TRIGGER score_lead AFTER INSERT ON messages FOR EACH ROW WHEN (NEW.direction = 'INBOUND') EXECUTE FUNCTION score_soon();
CREATE TRIGGER score_lead AFTER INSERT OR UPDATE OF state ON viewing_seats FOR EACH ROW EXECUTE FUNCTION score_soon();

-- Another price is another fit for everybody who asked for the listing.
CREATE FUNCTION score_leads_of_property() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    payloads jsonb[];
    keys     text[];
BEGIN
    IF app_tenant() IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(jsonb_build_object('tenantId', l.tenant_id, 'leadId', l.id)), array_agg('leads.score:' || l.id) INTO payloads, keys
    FROM leads l WHERE l.tenant_id = NEW.tenant_id AND l.property_id = NEW.id AND l.status <> 'LOST';
    IF payloads IS NOT NULL THEN
        PERFORM enqueue_jobs('leads.score', payloads, keys, 5::smallint);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER score_leads AFTER UPDATE OF marketing, purchase_price_cents, cold_rent_cents, warm_rent_cents ON properties FOR EACH ROW
    WHEN (ROW (OLD.marketing, OLD.purchase_price_cents, OLD.cold_rent_cents, OLD.warm_rent_cents)
          IS DISTINCT FROM ROW (NEW.marketing, NEW.purchase_price_cents, NEW.cold_rent_cents, NEW.warm_rent_cents))
    EXECUTE FUNCTION score_leads_of_property();

-- Bookings of a time; leads are read along leads_page.
CREATE INDEX viewing_seats_booked ON viewing_seats (tenant_id, created_at);
