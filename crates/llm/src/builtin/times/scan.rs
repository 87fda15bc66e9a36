//! The grammar of dates and times: from pieces to days and hours in the order they are written.

use jiff::civil::Date;

use super::{
    clock_time, date,
    lex::Piece,
    words::{Word, word},
};
use crate::{DayPart, Language};

/// An hour and minute as far as the words say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ClockTime {
    pub(super) hour: u32,
    pub(super) minute: u32,
    /// Written so that it cannot mean the other half of the day (`15:00`, `07:30`, `3 pm`).
    pub(super) exact: bool,
}

/// What was found, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Date(Date),
    Time(ClockTime),
    /// Which also decides what "3" means.
    Part(DayPart),
    /// "instead of": what follows is the old time.
    Instead,
    /// "to": what follows is the new time.
    Towards,
    /// "the appointment": what follows is the one already agreed.
    Appointment,
    /// Any other word or mark.
    Other,
}

/// Pieces with the reader's language and day.
pub(super) struct Scanner<'a> {
    pub(super) language: Language,
    pub(super) today: Date,
    pub(super) pieces: &'a [Piece],
}

impl Scanner<'_> {
    pub(super) fn word(&self, at: usize) -> Option<Word> {
        match self.pieces.get(at)? {
            Piece::Word(text) => word(self.language, text),
            _ => None,
        }
    }

    pub(super) fn text(&self, at: usize) -> Option<&str> {
        match self.pieces.get(at)? {
            Piece::Word(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn number(&self, at: usize) -> Option<(u32, usize)> {
        match self.pieces.get(at)? {
            Piece::Number(value, digits) => Some((*value, *digits)),
            _ => None,
        }
    }

    pub(super) fn mark(&self, at: usize, marks: &[char]) -> bool {
        matches!(self.pieces.get(at), Some(Piece::Mark(c)) if marks.contains(c))
    }

    pub(super) fn before(&self, at: usize) -> Option<Word> {
        at.checked_sub(1).and_then(|at| self.word(at))
    }

    /// Everything found, left to right.
    pub(super) fn items(&self) -> Vec<Item> {
        let mut items = Vec::new();
        let mut at = 0;
        while at < self.pieces.len() {
            if let Some((date, next)) = date::read(self, at) {
                items.extend(date.map(Item::Date));
                at = next;
            } else if let Some((time, next)) = clock_time::read(self, at) {
                items.extend(time.map(Item::Time));
                at = next;
            } else {
                items.push(self.single(at));
                at += 1;
            }
        }
        items
    }

    fn single(&self, at: usize) -> Item {
        // "Guten Abend", "good evening", "buena tarde": a greeting names no part of a day.
        let greets = at.checked_sub(1).and_then(|at| self.text(at)).is_some_and(|text| {
            matches!(
                text,
                "guten" | "schonen" | "schon" | "good" | "nice" | "lovely" | "bonne" | "buona" | "bel" | "feliz"
            )
        });
        if greets && matches!(self.word(at), Some(Word::Morning | Word::Afternoon | Word::Evening | Word::Day(_))) {
            return Item::Other;
        }
        match self.word(at) {
            Some(Word::Morning) => Item::Part(DayPart::Morning),
            // "mañana por la mañana", "Dienstag Morgen": the day is taken already, this is the part of it.
            Some(Word::Day(1)) => Item::Part(DayPart::Morning),
            Some(Word::Afternoon) => Item::Part(DayPart::Afternoon),
            Some(Word::Evening) => Item::Part(DayPart::Evening),
            Some(Word::Instead) => Item::Instead,
            Some(Word::Towards) => Item::Towards,
            Some(Word::Before) if self.language == Language::En => Item::Towards,
            Some(Word::Appointment) => Item::Appointment,
            _ => Item::Other,
        }
    }
}
