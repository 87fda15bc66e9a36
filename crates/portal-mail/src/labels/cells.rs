//! Where the value of a label stands that has none on its own line.

use crate::labels::boilerplate;
use crate::labels::collect::Reader;
use crate::labels::message;
use crate::labels::pairs::pairs;
use crate::labels::section;
use crate::labels::table;
use crate::segment::Segment;

impl Reader<'_> {
    /// Whether label and value stand in cells of their own.
    pub(super) fn is_cell_pair(&self, at: usize, value_at: usize) -> bool {
        let (label, value) = (&self.segments[at], &self.segments[value_at]);
        label.cell_end > 0 && value.cell_end > 0 && label.cell_end != value.cell_end
    }

    /// The value segment of a label that stands alone: in the rest of its row, else the next one.
    pub(super) fn value_after(&self, at: usize) -> Option<usize> {
        let label = &self.segments[at];
        let last_in_row = label.row_end <= at + 1 || label.cell_end == label.row_end;
        let end = if last_in_row { self.segments.len() } else { label.row_end };
        let next = (at + 1..end.min(at + 30)).find(|i| {
            let segment = &self.segments[*i];
            !segment.text.is_empty() || segment.links.iter().any(|link| link.starts_with("mailto:"))
        })?;
        let value = &self.segments[next];
        let is_label = self.heads_row(next, label)
            || !pairs(&value.text).is_empty()
            || value.text.ends_with(':') && table::label_only(&value.text).is_some()
            || message::heading(&value.text).is_some()
            || last_in_row && (section::heading(&value.text).is_some() || boilerplate::ends_message(&value.text));
        (!is_label).then_some(next)
    }

    /// Whether the segment is the label cell of another row: a heading in a row of its own has no value.
    fn heads_row(&self, at: usize, label: &Segment) -> bool {
        let segment = &self.segments[at];
        segment.row_end > segment.cell_end
            && segment.cell_end > 0
            && segment.row_end != label.row_end
            && table::label_only(&segment.text).is_some()
    }
}
