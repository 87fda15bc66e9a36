-- What a lead may be kept for, and how each of the agency's people works.

-- On what the agency keeps a lead's data (GDPR Art. 6(1)): PRE_CONTRACTUAL (b) the person enquired; CONSENT (a) the person
-- agreed, on a form; LEGITIMATE_INTEREST (f) the agency knows why. Set when the lead comes in, by how it comes
-- (src/domain/leads/legal_basis.rs); a person of the agency may correct it.
ALTER TABLE leads ADD COLUMN legal_basis text NOT NULL DEFAULT 'PRE_CONTRACTUAL';
UPDATE leads SET legal_basis = 'CONSENT' WHERE source = 'WIDGET';
ALTER TABLE leads
    ALTER COLUMN legal_basis DROP DEFAULT,
    ADD CONSTRAINT leads_legal_basis_known CHECK (legal_basis IN ('PRE_CONTRACTUAL', 'CONSENT', 'LEGITIMATE_INTEREST'));

ALTER TABLE users
    -- the language of what they get from us
    ADD COLUMN locale              text NOT NULL DEFAULT 'de',
    -- stands under mails in their name, in place of the name
    ADD COLUMN signature           text,
    -- their own hours, within the agency's; all three or none. ISO weekdays, minutes after midnight in the agency's zone
    ADD COLUMN viewing_weekdays    smallint[],
    ADD COLUMN viewing_from_minute smallint,
    ADD COLUMN viewing_to_minute   smallint,
    ADD CONSTRAINT users_locale_known CHECK (locale IN ('de', 'en')),
    ADD CONSTRAINT users_signature_said CHECK (signature <> ''),
    ADD CONSTRAINT users_viewing_hours CHECK (
        num_nulls(viewing_weekdays, viewing_from_minute, viewing_to_minute) IN (0, 3)
        AND cardinality(viewing_weekdays) > 0 AND viewing_weekdays <@ '{1,2,3,4,5,6,7}'::smallint[]
        AND viewing_from_minute >= 0 AND viewing_to_minute <= 1440 AND viewing_from_minute < viewing_to_minute);

-- The language of the invitation, and of whoever accepts it; NULL: it is written in both, and they begin with German.
ALTER TABLE invitations
    ADD COLUMN locale text,
    ADD CONSTRAINT invitations_locale_known CHECK (locale IN ('de', 'en'));
