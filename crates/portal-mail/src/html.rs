//! HTML to segments, in one pass over its tags.
//!
//! Of the tree that a browser would build, only tables are followed: which cell and which row a line stands in decides whose
//! value it is. Everything else begins a line or does not.

use crate::labels::table;
use crate::segment::{self, Segment};
use tags::{Name, Piece, Pieces, Tag};

pub(crate) mod entities;
mod rows;
mod tags;

/// HTML read per mail, in bytes.
const MAX_HTML: usize = 1 << 20;
/// Links kept per segment.
const MAX_LINKS: usize = 20;
/// Tables inside of tables that are followed.
const MAX_OPEN: usize = 1_000;

/// The segments of an HTML body.
pub(crate) fn segments(html: &str) -> Vec<Segment> {
    let mut walk = Walk::default();
    for piece in Pieces::of(crate::text::cut(html, MAX_HTML)) {
        if segment::full(&walk.segments) {
            break;
        }
        walk.piece(piece);
    }
    walk.leave_table(0);
    walk.flush();
    walk.segments
}

/// Where an element stands in a table: the greater, the further out.
fn rank(name: Name) -> usize {
    match name {
        Name::Cell => 1,
        Name::Row => 2,
        Name::RowGroup => 3,
        Name::Table => 4,
        _ => 0,
    }
}

/// `display:none`, however it is spaced. Hidden text holds previews and tracking words.
fn is_hidden(style: &str) -> bool {
    // Nearly every tag of a mail has a long style, and few say this.
    if !["one", "ONE"].iter().any(|end| style.contains(end)) {
        return false;
    }
    let bytes = style.as_bytes();
    let nones = bytes.windows(4).enumerate().filter(|(_, word)| word.eq_ignore_ascii_case(b"none"));
    let before = |at: usize| bytes[..at].trim_ascii_end().strip_suffix(b":").map(<[u8]>::trim_ascii_end);
    nones.filter_map(|(at, _)| before(at)).any(|name| {
        let from = name.len().saturating_sub(7);
        name[from..].eq_ignore_ascii_case(b"display")
    })
}

/// An element of a table that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Table,
    Row,
    Cell,
}

/// An element that is not shown, and how many of its name are open inside of it.
struct Unseen {
    name: Name,
    depth: usize,
    /// Tables open in it, itself included.
    tables: usize,
}

#[derive(Default)]
struct Walk {
    segments: Vec<Segment>,
    line: String,
    links: Vec<String>,
    gap: bool,
    unseen: Option<Unseen>,
    open: Vec<Open>,
    cells: Vec<usize>,
    rows: Vec<Row>,
    /// The row before, when all its cells are labels.
    headings: Option<Row>,
}

#[derive(Default)]
struct Row {
    start: usize,
    /// Start and end of each direct cell.
    cells: Vec<(usize, usize)>,
}

impl Walk {
    fn piece(&mut self, piece: Piece<'_>) {
        if self.unseen.is_some() && self.stays_unseen(&piece) {
            return;
        }
        match piece {
            Piece::Text(text) => self.line.push_str(&text),
            Piece::Open(tag) => self.open(&tag),
            Piece::Close(name) => self.close(name),
        }
    }

    /// Follows what is hidden to its end; `false`: this piece is shown again.
    fn stays_unseen(&mut self, piece: &Piece<'_>) -> bool {
        let Some(unseen) = &mut self.unseen else { return false };
        let (own, inside) = (rank(unseen.name), unseen.tables > 0);
        let is_shown = match piece {
            Piece::Text(_) => false,
            // A hidden cell has no end tag where the next one begins, and ends with its row.
            Piece::Open(tag) if !inside && own > 0 && tag.name != Name::Table && rank(tag.name) >= own => true,
            Piece::Close(name) if !inside && *name != unseen.name && rank(*name) > own => true,
            Piece::Open(tag) => {
                unseen.depth += usize::from(tag.name == unseen.name);
                unseen.tables += usize::from(tag.name == Name::Table);
                false
            }
            Piece::Close(name) => {
                unseen.depth -= usize::from(*name == unseen.name);
                unseen.tables = unseen.tables.saturating_sub(usize::from(*name == Name::Table));
                if unseen.depth == 0 {
                    self.unseen = None;
                    return true;
                }
                false
            }
        };
        if is_shown {
            self.unseen = None;
        }
        !is_shown
    }

    fn open(&mut self, tag: &Tag<'_>) {
        let name = tag.name;
        let hides = matches!(name, Name::Hidden(_)) || tag.style.is_some_and(is_hidden);
        if hides && !matches!(name, Name::Void | Name::Break | Name::Other) {
            self.unseen = Some(Unseen { name, depth: 1, tables: usize::from(name == Name::Table) });
            return;
        }
        match name {
            Name::Break => {
                if self.line.trim().is_empty() {
                    self.gap = true;
                }
                self.flush();
            }
            Name::Table if self.open.len() < MAX_OPEN => {
                self.flush();
                self.gap = true;
                self.open.push(Open::Table);
            }
            Name::RowGroup => self.leave(Open::Row),
            Name::Row => {
                self.leave(Open::Row);
                self.enter_row();
            }
            Name::Cell => {
                self.leave(Open::Cell);
                if self.open.last() != Some(&Open::Row) {
                    self.enter_row();
                }
                self.flush();
                self.open.push(Open::Cell);
                self.cells.push(self.segments.len());
            }
            Name::Link => {
                if let Some(href) = tag.href.filter(|_| self.links.len() < MAX_LINKS) {
                    self.links.push(entities::resolved(href.trim()).into_owned());
                }
            }
            Name::Block(_, gap) => {
                self.flush();
                self.gap |= gap;
            }
            _ => {}
        }
    }

    fn close(&mut self, name: Name) {
        match name {
            Name::Cell => self.leave(Open::Cell),
            Name::Row | Name::RowGroup => self.leave(Open::Row),
            Name::Table => {
                if let Some(at) = self.open.iter().rposition(|open| *open == Open::Table) {
                    self.leave_table(at);
                }
                self.flush();
                self.gap = true;
            }
            Name::Marked(_) => self.mark_label(),
            Name::Block(_, gap) => {
                self.flush();
                self.gap |= gap;
            }
            _ => {}
        }
    }

    fn enter_row(&mut self) {
        self.flush();
        self.open.push(Open::Row);
        self.rows.push(Row { start: self.segments.len(), cells: Vec::new() });
    }

    /// Ends the cell, or the row with its cell, of the innermost table, if one is open.
    fn leave(&mut self, what: Open) {
        let inner = self.open.iter().rev().take_while(|open| **open != Open::Table);
        if let Some(above) = inner.take(3).position(|open| *open == what) {
            self.leave_table(self.open.len() - above - 1);
        } else {
            self.flush();
        }
    }

    /// Ends everything that was opened since there were `at` elements open.
    fn leave_table(&mut self, at: usize) {
        self.flush();
        while self.open.len() > at {
            match self.open.pop() {
                Some(Open::Cell) => self.end_cell(),
                Some(Open::Row) => self.end_row(),
                _ => {}
            }
        }
    }

    /// `<b>Name</b> Ida`: the bold word is a label although no colon says so.
    fn mark_label(&mut self) {
        let line = self.line.trim();
        if !line.is_empty()
            && line.len() < 40
            && !line.ends_with(':')
            && table::exact(line).is_some_and(|f| f.is_contact())
        {
            self.line = format!("{line}: ");
        }
    }

    fn flush(&mut self) {
        let text = segment::html_line(&self.line);
        self.line.clear();
        if text.is_empty() && self.links.is_empty() {
            return;
        }
        let links = std::mem::take(&mut self.links);
        self.segments.push(Segment { text, links, gap: self.gap, ..Segment::default() });
        self.gap = false;
    }

    fn end_cell(&mut self) {
        let Some(start) = self.cells.pop() else {
            return;
        };
        if self.segments.len() == start {
            self.segments.push(Segment::default());
        }
        let end = self.segments.len();
        for segment in &mut self.segments[start..] {
            if segment.cell_end == 0 {
                segment.cell_end = end;
            }
        }
        if let Some(row) = self.rows.last_mut() {
            row.cells.push((start, end));
        }
    }
}
