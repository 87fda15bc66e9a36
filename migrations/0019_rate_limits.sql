-- Rate limits that all processes share (docs/decisions/0011). A row is a token bucket: `full_at` is when it will be full
-- again, so a row whose time has passed says nothing and is removed. Keys are keyed hashes: neither an address nor a
-- tenant can be read from them.
--
-- UNLOGGED: writing costs no flush, and after a crash of the server everybody starts with a full bucket.
CREATE UNLOGGED TABLE rate_limits (
    key     bytea NOT NULL,
    full_at timestamptz NOT NULL,
    CONSTRAINT rate_limits_pkey PRIMARY KEY (key)
);
-- No tenant's table: limits are counted before, or without, anybody being signed in.
ALTER TABLE rate_limits ENABLE ROW LEVEL SECURITY;
ALTER TABLE rate_limits FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON rate_limits TO immivo_platform USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON rate_limits TO immivo_platform;

-- Takes up to `wanted` tokens from a bucket that holds `burst` and gains one every `period`. `wait` is the time until
-- `wanted` tokens will be there; zero if they were.
CREATE FUNCTION take_tokens(bucket bytea, wanted integer, burst integer, period interval, at timestamptz,
                            OUT taken integer, OUT wait interval)
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    filled_at timestamptz;
    held      integer;
BEGIN
    INSERT INTO rate_limits (key, full_at) VALUES (bucket, at) ON CONFLICT ON CONSTRAINT rate_limits_pkey DO NOTHING;
    SELECT full_at INTO filled_at FROM rate_limits WHERE key = bucket FOR UPDATE;
    -- A process whose clock is ahead must not leave a debt that others cannot pay: no bucket is emptier than empty.
    filled_at := least(greatest(filled_at, at), at + burst * period);
    held := floor(burst - extract(epoch FROM filled_at - at) / extract(epoch FROM period) + 0.000001);
    taken := least(wanted, held);
    filled_at := filled_at + taken * period;
    UPDATE rate_limits SET full_at = filled_at WHERE key = bucket;
    wait := greatest(filled_at + wanted * period - (at + burst * period), interval '0');
END $$;
REVOKE ALL ON FUNCTION take_tokens(bytea, integer, integer, interval, timestamptz) FROM public;
GRANT EXECUTE ON FUNCTION take_tokens(bytea, integer, integer, interval, timestamptz) TO immivo_platform;
