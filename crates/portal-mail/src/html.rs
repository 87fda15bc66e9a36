//! HTML to segments, over a parsed DOM.

use ego_tree::iter::Edge;
use scraper::{Html, Node};

use crate::labels::table;
use crate::segment::{self, Segment};

/// HTML read per mail, in bytes.
const MAX_HTML: usize = 1 << 20;
/// Bound on (nesting × tags): parsing unclosed markup can cost and build that much.
const MAX_WORK: usize = 4_000_000;
/// Links kept per segment.
const MAX_LINKS: usize = 20;

const BLOCKS: &str = " address article aside blockquote body caption center dd div dl dt fieldset figure footer form \
    h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody tfoot thead ul ";
const GAPS: &str = " p blockquote h1 h2 h3 h4 h5 h6 ul ol hr table ";
const HIDDEN: &str = " script style head title template object noframes ";
const BOLD: &str = " b strong label span th dt font em u ";

/// The segments of an HTML body. Markup built to exhaust a parser is only stripped.
pub(crate) fn segments(html: &str) -> Vec<Segment> {
    let html = crate::text::cut(html, MAX_HTML);
    if too_much_work(html) {
        return segment::from_text(&mail_parser::decoders::html::html_to_text(html));
    }
    let document = Html::parse_document(html);
    let mut walk = Walk::default();
    for edge in document.tree.root().traverse() {
        if segment::full(&walk.segments) {
            break;
        }
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(text) if walk.hidden == 0 => walk.line.push_str(&text.text),
                Node::Element(element) => {
                    let hides = element.attr("style").is_some_and(is_hidden);
                    walk.open(element.name(), hides, element.attr("href"));
                }
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    walk.close(element.name(), element.attr("style").is_some_and(is_hidden));
                }
            }
        }
    }
    walk.flush();
    walk.segments
}

fn is_hidden(style: &str) -> bool {
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    style.to_ascii_lowercase().contains("display:none")
}

fn is_in(list: &str, name: &str) -> bool {
    list.split(' ').any(|word| word == name)
}

fn too_much_work(html: &str) -> bool {
    const VOID: &str = " area base br col embed hr img input link meta source wbr p li td th tr option dt dd ";
    let (mut depth, mut deepest, mut tags) = (0usize, 1usize, 0usize);
    for tag in html.split('<').skip(1) {
        let name: String = tag.chars().take(12).take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
        let name = name.to_ascii_lowercase();
        tags += 1;
        if let Some(closed) = name.strip_prefix('/') {
            if !is_in(VOID, closed) {
                depth = depth.saturating_sub(1);
            }
        } else if !name.is_empty() && !is_in(VOID, name.trim_end_matches('/')) {
            depth += 1;
            deepest = deepest.max(depth);
        }
    }
    deepest > 600 || deepest * tags > MAX_WORK
}

#[derive(Default)]
struct Walk {
    segments: Vec<Segment>,
    line: String,
    links: Vec<String>,
    gap: bool,
    hidden: usize,
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
    fn open(&mut self, name: &str, hides: bool, href: Option<&str>) {
        if self.hidden > 0 || hides || is_in(HIDDEN, name) {
            self.hidden += 1;
            return;
        }
        match name {
            "br" => {
                if self.line.trim().is_empty() {
                    self.gap = true;
                }
                self.flush();
            }
            "tr" => {
                self.flush();
                self.rows.push(Row { start: self.segments.len(), cells: Vec::new() });
            }
            "td" | "th" => {
                self.flush();
                self.cells.push(self.segments.len());
            }
            "a" => {
                if let Some(href) = href.filter(|_| self.links.len() < MAX_LINKS) {
                    self.links.push(href.trim().to_owned());
                }
            }
            _ if is_in(BLOCKS, name) => {
                self.flush();
                self.gap |= is_in(GAPS, name);
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str, hides: bool) {
        if self.hidden > 0 {
            self.hidden -= 1;
            let _ = hides;
            return;
        }
        match name {
            "td" | "th" => {
                self.flush();
                self.end_cell();
            }
            "tr" => {
                self.flush();
                self.end_row();
            }
            _ if is_in(BOLD, name) => self.mark_label(),
            _ if is_in(BLOCKS, name) => {
                self.flush();
                self.gap |= is_in(GAPS, name);
            }
            _ => {}
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

    fn end_row(&mut self) {
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
