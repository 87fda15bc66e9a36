//! HTML to tags and text in one pass, as a browser would cut it: comments, quoted attributes and the insides of scripts
//! and styles hold no tags. Nothing is looked at twice, so the time is that of the length.

use std::borrow::Cow;

use super::entities;

/// A piece of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece<'h> {
    /// Text, entities resolved.
    Text(Cow<'h, str>),
    Open(Tag<'h>),
    /// Name of an end tag.
    Close(Name),
}

/// A start tag and of its attributes what is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag<'h> {
    pub(super) name: Name,
    /// Target of a link; entities are still in it.
    pub(super) href: Option<&'h str>,
    pub(super) style: Option<&'h str>,
}

/// What an element does to the lines of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Table,
    /// `tbody` and the like: ends rows.
    RowGroup,
    Row,
    Cell,
    Break,
    Link,
    /// Stands on lines of its own; the second says that an empty line is around it.
    Block(Block, bool),
    /// Set apart inside of a line, as labels are.
    Marked(Marked),
    /// Shown to nobody.
    Hidden(Hidden),
    /// Neither begins nor ends a line; has an end tag or not.
    Other,
    Void,
}

macro_rules! names {
    ($($enum:ident { $($variant:ident = $name:literal),+ $(,)? })+) => {
        $(
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub(super) enum $enum { $($variant),+ }

            impl $enum {
                fn of(name: &[u8]) -> Option<Self> {
                    match name {
                        $($name => Some(Self::$variant),)+
                        _ => None,
                    }
                }
            }
        )+
    };
}

names! {
    Block {
        Address = b"address", Article = b"article", Aside = b"aside", Quote = b"blockquote", Center = b"center", Definition = b"dd",
        Div = b"div", List = b"dl", Fieldset = b"fieldset", Figure = b"figure", Footer = b"footer", Form = b"form", H1 = b"h1",
        H2 = b"h2", H3 = b"h3", H4 = b"h4", H5 = b"h5", H6 = b"h6", Header = b"header", Rule = b"hr", Item = b"li", Main = b"main",
        Nav = b"nav", Ordered = b"ol", Paragraph = b"p", Preformatted = b"pre", Section = b"section", Unordered = b"ul",
        Body = b"body",
    }
    Marked { B = b"b", Strong = b"strong", Label = b"label", Span = b"span", Term = b"dt", Font = b"font", Em = b"em", U = b"u" }
    Hidden { Template = b"template", Object = b"object" }
}

/// Longest name of an element we tell from others, in bytes.
const LONGEST: usize = 10;

impl Name {
    fn of(name: &str) -> Name {
        let mut lower = [0; LONGEST];
        let Some(lower) = lower.get_mut(..name.len()) else { return Name::Other };
        lower.copy_from_slice(name.as_bytes());
        lower.make_ascii_lowercase();
        match &*lower {
            b"td" | b"th" => Name::Cell,
            b"tr" => Name::Row,
            b"table" => Name::Table,
            b"tbody" | b"thead" | b"tfoot" | b"caption" => Name::RowGroup,
            b"br" => Name::Break,
            b"a" => Name::Link,
            b"img" | b"input" | b"meta" | b"link" | b"col" | b"wbr" | b"area" | b"base" | b"embed" | b"source" => {
                Name::Void
            }
            name => {
                let block = Block::of(name).map(|block| Name::Block(block, has_gaps(block)));
                let marked = || Marked::of(name).map(Name::Marked);
                let hidden = || Hidden::of(name).map(Name::Hidden);
                block.or_else(marked).or_else(hidden).unwrap_or(Name::Other)
            }
        }
    }
}

fn has_gaps(block: Block) -> bool {
    use Block::{H1, H2, H3, H4, H5, H6, Ordered, Paragraph, Quote, Rule, Unordered};
    matches!(block, Paragraph | Quote | H1 | H2 | H3 | H4 | H5 | H6 | Unordered | Ordered | Rule)
}

/// The pieces of a page, one after the other.
pub(super) struct Pieces<'h> {
    rest: &'h str,
}

impl<'h> Pieces<'h> {
    pub(super) fn of(html: &'h str) -> Self {
        Self { rest: html }
    }

    /// Passes over `count` bytes and whatever is up to and including `end`; everything when there is no `end`.
    fn skip_past(&mut self, count: usize, end: &str) {
        let from = self.rest.get(count..).unwrap_or_default();
        self.rest = from.find(end).map_or("", |at| &from[at + end.len()..]);
    }

    /// Passes over the inside of an element that holds no tags, up to its end tag.
    fn skip_raw(&mut self, name: &str) {
        let bytes = self.rest.as_bytes();
        let mut at = 0;
        while let Some(open) = self.rest[at..].find("</") {
            at += open + 2;
            if bytes.get(at..at + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes())) {
                self.rest = &self.rest[at - 2..];
                return self.skip_past(2, ">");
            }
        }
        self.rest = "";
    }

    fn start_tag(&mut self) -> Tag<'h> {
        let name_end = self.rest[1..].find(ends_name).map_or(self.rest.len(), |at| at + 1);
        let written = &self.rest[1..name_end];
        let mut tag = Tag { name: Name::of(written), href: None, style: None };
        self.rest = &self.rest[name_end..];
        self.attributes(&mut tag);
        if ["script", "style", "title", "noframes", "iframe", "noembed", "xmp"]
            .iter()
            .any(|raw| raw.eq_ignore_ascii_case(written))
        {
            self.skip_raw(written);
        }
        tag
    }

    /// Reads attributes up to and including the `>`.
    fn attributes(&mut self, tag: &mut Tag<'h>) {
        loop {
            let rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if let Some(behind) = rest.strip_prefix('>') {
                self.rest = behind;
                return;
            }
            let end =
                rest.char_indices().skip(1).find(|(_, c)| ends_name(*c) || *c == '=').map_or(rest.len(), |(at, _)| at);
            let (name, behind) = rest.split_at(end);
            self.rest = behind;
            if name.is_empty() {
                return;
            }
            let value = self.value();
            if name.eq_ignore_ascii_case("href") {
                tag.href = tag.href.or(value);
            } else if name.eq_ignore_ascii_case("style") {
                tag.style = tag.style.or(value);
            }
        }
    }

    fn value(&mut self) -> Option<&'h str> {
        let white = |c: char| c.is_ascii_whitespace();
        let rest = self.rest.trim_start_matches(white).strip_prefix('=')?.trim_start_matches(white);
        let (value, behind) = match rest.chars().next() {
            Some(mark @ ('"' | '\'')) => rest[1..].split_once(mark).unwrap_or((&rest[1..], "")),
            _ => rest.split_at(rest.find(|c: char| white(c) || c == '>').unwrap_or(rest.len())),
        };
        self.rest = behind;
        Some(value)
    }
}

impl<'h> Iterator for Pieces<'h> {
    type Item = Piece<'h>;

    fn next(&mut self) -> Option<Piece<'h>> {
        loop {
            let bytes = self.rest.as_bytes();
            let after = bytes.get(1).copied();
            match (bytes.first()?, after) {
                (b'<', Some(b'!')) if self.rest.starts_with("<!--") => {
                    // `<!-->` is a whole comment, too.
                    let short = ["<!-->", "<!--->"].iter().find(|short| self.rest.starts_with(**short));
                    match short {
                        Some(short) => self.rest = &self.rest[short.len()..],
                        None => self.skip_past(4, "-->"),
                    }
                }
                (b'<', Some(b'!' | b'?')) => self.skip_past(2, ">"),
                (b'<', Some(b'/')) if bytes.get(2).is_some_and(u8::is_ascii_alphabetic) => {
                    let end = self.rest[2..].find(ends_name).map_or(self.rest.len(), |at| at + 2);
                    let name = Name::of(&self.rest[2..end]);
                    self.skip_past(end, ">");
                    return Some(Piece::Close(name));
                }
                (b'<', Some(b'/')) => self.skip_past(2, ">"),
                (b'<', Some(letter)) if letter.is_ascii_alphabetic() => return Some(Piece::Open(self.start_tag())),
                (first, _) => {
                    // A mark that opens nothing is text.
                    let from = usize::from(*first == b'<');
                    let end = self.rest[from..].find('<').map_or(self.rest.len(), |at| at + from);
                    let (text, behind) = self.rest.split_at(end);
                    self.rest = behind;
                    return Some(Piece::Text(entities::resolved(text)));
                }
            }
        }
    }
}

fn ends_name(c: char) -> bool {
    c.is_ascii_whitespace() || matches!(c, '/' | '>')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: &str) -> String {
        let piece = |piece| match piece {
            Piece::Text(text) => format!("{text}|"),
            Piece::Open(tag) => format!("<{:?} {:?} {:?}|", tag.name, tag.href, tag.style),
            Piece::Close(name) => format!("/{name:?}|"),
        };
        Pieces::of(html).map(piece).collect()
    }

    #[test]
    fn cut_as_browsers_do() {
        for (html, expected) in [
            ("a <b>1 < 2</B>", "a |<Marked(B) None None|1 |< 2|/Marked(B)|"),
            ("<a class=x HREF = 'u?a=1&amp;b=2' >t</a>", "<Link Some(\"u?a=1&amp;b=2\") None|t|/Link|"),
            ("<td title=\"a > b\" style=color:red>x", "<Cell None Some(\"color:red\")|x|"),
            ("<!-- <td> -->a<!-->b<!DOCTYPE x>c<?xml?>d<![endif]>e", "a|b|c|d|e|"),
            ("<style>td > a { }</style >x<SCRIPT>'</' + '<b>'</script>y", "<Other None None|x|<Other None None|y|"),
            ("a<br/>b&nbsp;&Uuml;&#8364; A&B", "a|<Break None None|b\u{a0}Ü€ A&B|"),
            ("<o:p>x</o:p>", "<Other None None|x|/Other|"),
            ("<td style=\"open", "<Cell None Some(\"open\")|"),
            ("<!-- open <td>", ""),
            ("a<", "a|<|"),
        ] {
            assert_eq!(shown(html), expected, "{html}");
        }
    }
}
