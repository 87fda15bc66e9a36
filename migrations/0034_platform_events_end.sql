-- The platform's log is kept for three years and no longer: it names people. Nobody may remove a line; the function does,
-- and only lines that are old enough by the clock of the database, whatever it is asked.
CREATE FUNCTION forget_platform_events(before timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    forgotten bigint;
BEGIN
    DELETE FROM platform_events WHERE at < least(before, now() - interval '3 years');
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;
REVOKE ALL ON FUNCTION forget_platform_events(timestamptz) FROM public;
GRANT EXECUTE ON FUNCTION forget_platform_events(timestamptz) TO immivo_platform;
