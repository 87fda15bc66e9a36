-- An open stream of live events ends at once, and not at its next heartbeat, for whoever is let in no more: because
-- their agency was suspended, or because a look in somebody's name was ended. As when somebody's own rights change
-- (0020), an event USER says so: it is told to nobody, and makes every stream of the tenant ask for its right again.

CREATE FUNCTION note_suspension() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO events (tenant_id, entity, entity_id) VALUES (NEW.id, 'USER', NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER note_suspension AFTER UPDATE OF suspended_at ON tenants FOR EACH ROW
    WHEN (OLD.suspended_at IS DISTINCT FROM NEW.suspended_at) EXECUTE FUNCTION note_suspension();

-- An impersonation that runs out by itself is found by the heartbeat.
CREATE TRIGGER note_people AFTER UPDATE OF ended_at ON impersonations FOR EACH ROW
    WHEN (OLD.ended_at IS DISTINCT FROM NEW.ended_at) EXECUTE FUNCTION note_people();
