//! The words around names: salutations, titles, particles, legal forms, as keys or lower case.

pub(super) const MR: &str = "herr herrn hr mr mister monsieur m signor signore sig senor sr don";
pub(super) const MS: &str =
    "frau fr fraulein mrs ms miss madame mme mademoiselle mlle signora signorina sigra senora senorita sra srta dona";
/// Said of a person in a field for it, but names or letters of names elsewhere (`Thomas Mann`, `W. Muster`).
pub(super) const MALE: &str = "mann male maennlich mannlich homme uomo hombre masculin maschile masculino h";
pub(super) const FEMALE: &str = "female weiblich femme donna mujer feminin femminile femenino w f";
pub(super) const OTHER_GENDER: &str = "d x";
/// Names of several people as one: a family, a couple.
pub(super) const GROUP: &str = "familie fam eheleute ehepaar famille family famiglia familia coniugi epoux signori";
/// Words that join two people.
pub(super) const AND: &str = "und u and et e ed y &";
pub(super) const DIVERSE: &str = "divers diverse mx nonbinary nichtbinar divers*";
pub(super) const TITLES: &str = "dr prof mag maga magfh di dipl dipling dipl-ing diplingfh diplkfm ing dkfm med jur phil rer nat pol iur dent \
    univ univprof bsc msc ba ma mba phd llm mmag ddr hofrat dott dottssa avv arch me maitre lic habil hc beng \
    meng";
/// Particles that open a family name.
pub(super) const PARTICLES: &str = "von vom van de del della di da dos das du des la le lo zu zum zur ten ter den der el al bin ibn af av \
    freiherr freifrau graf gräfin dalla dal degli st st. mc mac san y";
pub(super) const COMPANY: &str = "gmbh ag kg og ohg gbr ug ev sa sarl sagl srl spa sl ltd llc inc eg keg gesmbh mbh cokg kgaa stiftung verein \
    immobilien hausverwaltung holding se eu";

/// Whether `word` is in one of the lists.
pub(super) fn is_in(list: &str, word: &str) -> bool {
    !word.is_empty() && list.split_whitespace().any(|known| known == word)
}
