//! The words of dates and times in each language, folded.

use super::romance;
use crate::Language;

/// What a word means in a date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// 0 is Monday.
    Weekday(i8),
    Month(i8),
    /// Days from today.
    Day(i32),
    Number(u32),
    Half,
    Quarter,
    ThreeQuarters,
    Past,
    Before,
    Hour,
    Am,
    Pm,
    Morning,
    Afternoon,
    Evening,
    Noon,
    At,
    Until,
    Between,
    Or,
    And,
    Instead,
    Towards,
    The,
    Of,
    Next,
    AfterNext,
    Week,
    Days,
    In,
    Appointment,
}

/// The meaning of a folded word, if it has one.
pub(super) fn word(language: Language, text: &str) -> Option<Word> {
    match language {
        Language::De => german(text),
        Language::En => english(text),
        Language::Fr => romance::french(text),
        Language::It => romance::italian(text),
        Language::Es => romance::spanish(text),
    }
}

use Word::{
    AfterNext, Afternoon, Am, And, Appointment, At, Before, Between, Day, Days, Evening, Half, Hour, In, Instead,
    Month, Morning, Next, Noon, Number, Of, Or, Past, Pm, Quarter, The, ThreeQuarters, Towards, Until, Week, Weekday,
};

fn german(text: &str) -> Option<Word> {
    Some(match text {
        "montag" | "montags" | "mo" | "mon" => Weekday(0),
        "dienstag" | "dienstags" | "di" | "dinstag" | "deinstag" | "dienstg" => Weekday(1),
        "mittwoch" | "mi" | "mittwochs" | "mitwoch" => Weekday(2),
        "donnerstag" | "do" | "donnerstags" | "donerstag" | "dunnerstag" => Weekday(3),
        "freitag" | "fr" | "freitags" | "frietag" | "friitag" => Weekday(4),
        "samstag" | "sa" | "sonnabend" | "samstags" | "samschtig" => Weekday(5),
        "sonntag" | "so" | "sonntags" => Weekday(6),
        "januar" | "janner" | "jan" => Month(1),
        "februar" | "feber" | "feb" => Month(2),
        "marz" => Month(3),
        "april" | "apr" => Month(4),
        "mai" => Month(5),
        "juni" | "jun" => Month(6),
        "juli" | "jul" => Month(7),
        "august" | "aug" => Month(8),
        "september" | "sep" | "sept" => Month(9),
        "oktober" | "okt" => Month(10),
        "november" | "nov" => Month(11),
        "dezember" | "dez" => Month(12),
        "heute" | "heit" | "hut" => Day(0),
        "morgen" | "moin" | "moagn" | "morn" => Day(1),
        "ubermorgen" | "ibermorgen" => Day(2),
        "eins" | "oans" => Number(1),
        "zwei" | "zwo" => Number(2),
        "drei" => Number(3),
        "vier" => Number(4),
        "funf" | "funfe" | "fimf" => Number(5),
        "sechs" => Number(6),
        "sieben" => Number(7),
        "acht" => Number(8),
        "neun" => Number(9),
        "zehn" => Number(10),
        "elf" => Number(11),
        "zwolf" => Number(12),
        "zwanzig" => Number(20),
        "halb" | "halber" => Half,
        "viertel" | "viertl" => Quarter,
        "dreiviertel" | "dreivirtel" => ThreeQuarters,
        "nach" => Past,
        "vor" => Before,
        "uhr" | "h" | "ur" => Hour,
        "fruh" | "vormittag" | "vormittags" | "morgens" | "fruhs" => Morning,
        "nachmittag" | "nachmittags" => Afternoon,
        "abend" | "abends" => Evening,
        "mittag" | "mittags" => Noon,
        "um" | "ab" | "gegen" | "ca" => At,
        "bis" | "spatestens" => Until,
        "zwischen" => Between,
        "oder" | "bzw" => Or,
        "und" => And,
        "statt" | "anstatt" | "anstelle" => Instead,
        "auf" => Towards,
        "am" | "den" | "dem" | "der" => The,
        "nachste" | "nachsten" | "nachster" | "nachstn" | "kommende" | "kommenden" => Next,
        "ubernachste" | "ubernachsten" => AfterNext,
        "woche" | "wochen" => Week,
        "tag" | "tage" | "tagen" => Days,
        "in" => In,
        "termin" | "besichtigung" | "besichtigungstermin" | "treffen" => Appointment,
        _ => return None,
    })
}

fn english(text: &str) -> Option<Word> {
    Some(match text {
        "monday" | "mon" | "mondays" => Weekday(0),
        "tusday" | "tusdays" | "ts" | "tus" => Weekday(1),
        "wednesday" | "wed" | "weds" | "wensday" => Weekday(2),
        "thursday" | "thu" | "thur" | "thurs" => Weekday(3),
        "friday" | "fri" => Weekday(4),
        "saturday" | "sat" => Weekday(5),
        "sunday" | "sun" => Weekday(6),
        "january" | "jan" => Month(1),
        "february" | "feb" => Month(2),
        "march" => Month(3),
        "april" | "apr" => Month(4),
        "may" => Month(5),
        "june" | "jun" => Month(6),
        "july" | "jul" => Month(7),
        "august" | "aug" => Month(8),
        "september" | "sep" | "sept" => Month(9),
        "october" | "oct" => Month(10),
        "november" | "nov" => Month(11),
        "december" | "dec" => Month(12),
        "today" | "tonight" => Day(0),
        "tomorrow" | "tomorow" | "tommorow" | "tmrw" | "tommorrow" => Day(1),
        "one" => Number(1),
        "two" => Number(2),
        "three" => Number(3),
        "four" => Number(4),
        "five" => Number(5),
        "six" => Number(6),
        "seven" => Number(7),
        "eight" => Number(8),
        "nine" => Number(9),
        "ten" => Number(10),
        "eleven" => Number(11),
        "twelve" => Number(12),
        "twenty" => Number(20),
        "half" => Half,
        "quarter" => Quarter,
        "past" => Past,
        "to" => Before,
        "oclock" | "hours" | "hrs" | "h" => Hour,
        "am" => Am,
        "pm" => Pm,
        "morning" => Morning,
        "afternoon" => Afternoon,
        "evening" => Evening,
        "noon" | "midday" => Noon,
        "at" | "from" | "after" | "around" | "about" => At,
        "until" | "till" | "before" | "by" => Until,
        "between" => Between,
        "or" => Or,
        "and" => And,
        "instead" => Instead,
        "the" | "on" => The,
        "of" => Of,
        "next" | "coming" => Next,
        "week" | "weeks" => Week,
        "day" | "days" => Days,
        "in" => In,
        "appointment" | "viewing" => Appointment,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::text::fold;

    /// The tables are compared with folded text, so a spelling the fold never produces would be dead.
    #[test]
    fn common_words_survive_the_fold() {
        for (language, text, expected) in [
            (Language::De, "heute", Day(0)),
            (Language::De, "März", Month(3)),
            (Language::De, "zwölf", Number(12)),
            (Language::En, "Tuesday", Weekday(1)),
            (Language::En, "quarter", Quarter),
            (Language::Fr, "deux", Number(2)),
            (Language::Fr, "août", Month(8)),
            (Language::It, "cinque", Number(5)),
            (Language::It, "ore", Hour),
            (Language::Es, "jueves", Weekday(3)),
            (Language::Es, "mañana", Day(1)),
        ] {
            assert_eq!(word(language, &fold(text)), Some(expected), "{text}");
        }
    }
}
