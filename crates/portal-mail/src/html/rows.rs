//! Rows of a table whose labels and values stand in another order than the one they are read in.

use super::{Row, Walk};
use crate::labels::table;
use crate::segment::Segment;

impl Walk {
    pub(super) fn end_row(&mut self) {
        let Some(row) = self.rows.pop() else { return };
        let headings = self.headings.take();
        if row.cells.len() < 2 {
            return;
        }
        if headings.is_some_and(|headings| self.pair_rows(&headings, &row)) {
            return;
        }
        self.pair_columns(&row);
        let end = self.segments.len();
        for segment in &mut self.segments[row.start.min(end)..] {
            if segment.row_end == 0 {
                segment.row_end = end;
            }
        }
        self.headings = self.is_row_of_labels(&row).then_some(row);
    }

    fn is_row_of_labels(&self, row: &Row) -> bool {
        let label =
            |(from, to): &(usize, usize)| to - from == 1 && table::label_only(&self.segments[*from].text).is_some();
        row.cells.iter().all(|cell| cell.1 <= self.segments.len() && label(cell))
    }

    /// A row of labels over a row of values: brought into label, value, label, value order.
    fn pair_rows(&mut self, headings: &Row, row: &Row) -> bool {
        let below = headings.cells.last().is_some_and(|(_, end)| *end == row.start);
        let whole = row.cells.iter().all(|(from, to)| from < to && *to <= self.segments.len());
        if !below || !whole || headings.cells.len() != row.cells.len() || self.is_row_of_labels(row) {
            return false;
        }
        let pairs: Vec<Vec<Segment>> = headings
            .cells
            .iter()
            .zip(&row.cells)
            .flat_map(|(label, value)| {
                [self.segments[label.0..label.1].to_vec(), self.segments[value.0..value.1].to_vec()]
            })
            .collect();
        self.segments.truncate(headings.start);
        for pair in pairs.chunks(2) {
            let row_end = self.segments.len() + pair.iter().map(Vec::len).sum::<usize>();
            for cell in pair {
                let cell_end = self.segments.len() + cell.len();
                let moved = cell.iter().cloned().map(|segment| Segment { cell_end, row_end, ..segment });
                self.segments.extend(moved);
            }
        }
        true
    }

    /// A row whose first cell holds a column of labels and whose second a column of values, as
    /// nested tables: brought into label, value, label, value order.
    fn pair_columns(&mut self, row: &Row) {
        let filled: Vec<(usize, usize)> = row
            .cells
            .iter()
            .copied()
            .filter(|(s, e)| self.segments[*s..*e].iter().any(|x| !x.text.is_empty()))
            .collect();
        let [(ls, le), (rs, re)] = filled[..] else {
            return;
        };
        let labels_only =
            self.segments[ls..le].iter().all(|s| s.text.is_empty() || table::label_only(&s.text).is_some());
        if le - ls < 2 || le - ls != re - rs || !labels_only || le > rs {
            return;
        }
        let pairs: Vec<Segment> = (0..le - ls)
            .flat_map(|i| [self.segments[ls + i].clone(), self.segments[rs + i].clone()])
            .map(|segment| Segment { cell_end: 0, row_end: 0, ..segment })
            .collect();
        self.segments.truncate(row.start);
        let base = self.segments.len();
        for (index, mut segment) in pairs.into_iter().enumerate() {
            segment.cell_end = base + index + 1;
            segment.row_end = base + (index / 2 + 1) * 2;
            self.segments.push(segment);
        }
    }
}
