//! Writes a body in the charsets and transfer encodings that portals and mail programs use.

#[derive(Debug, Clone, Copy)]
pub(crate) enum Encoding {
    Utf8,
    Utf8Base64,
    Latin1Quoted,
    Windows1252,
    Windows1252Base64,
    /// UTF-8 under a Latin label.
    MislabelledLatin,
    /// windows-1252 under a UTF-8 label.
    MislabelledUtf8,
}

pub(crate) const ENCODINGS: [Encoding; 7] = [
    Encoding::Utf8,
    Encoding::Utf8Base64,
    Encoding::Latin1Quoted,
    Encoding::Windows1252,
    Encoding::Windows1252Base64,
    Encoding::MislabelledLatin,
    Encoding::MislabelledUtf8,
];

impl Encoding {
    fn is_unicode(self) -> bool {
        matches!(self, Self::Utf8 | Self::Utf8Base64 | Self::MislabelledLatin)
    }

    /// Whether the text can be written in it.
    pub(crate) fn holds(self, text: &str) -> bool {
        self.is_unicode() || text.chars().all(|c| narrow(c).is_some())
    }
}

/// Latin-1, and of what windows-1252 has beyond it, what people type.
fn narrow(c: char) -> Option<u8> {
    match c {
        '€' => Some(0x80),
        '„' => Some(0x84),
        '“' => Some(0x93),
        '”' => Some(0x94),
        '’' => Some(0x92),
        '–' => Some(0x96),
        c => u8::try_from(u32::from(c)).ok(),
    }
}

fn bytes(text: &str, encoding: Encoding) -> Vec<u8> {
    if encoding.is_unicode() {
        return text.as_bytes().to_vec();
    }
    text.chars().map(|c| narrow(c).expect("a text this encoding holds")).collect()
}

fn quoted(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut column = 0;
    for &byte in bytes {
        let piece = match byte {
            b'\n' => "\r\n".to_owned(),
            b'=' | 0..=31 | 127.. => format!("={byte:02X}"),
            byte => char::from(byte).to_string(),
        };
        // Soft breaks fall wherever they fall, also inside addresses.
        if column + piece.len() > 73 && byte != b'\n' {
            out.push_str("=\r\n");
            column = 0;
        }
        column = if byte == b'\n' { 0 } else { column + piece.len() };
        out.push_str(&piece);
    }
    out
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for (index, chunk) in bytes.chunks(3).enumerate() {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = ALPHABET[(word >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
        if index % 18 == 17 {
            out.push_str("\r\n");
        }
    }
    out
}

pub(crate) fn entity(headers: &str, html: bool, body: &str, encoding: Encoding) -> Vec<u8> {
    use Encoding::{Latin1Quoted, MislabelledLatin, MislabelledUtf8, Utf8, Utf8Base64, Windows1252, Windows1252Base64};
    let kind = if html { "html" } else { "plain" };
    let (charset, transfer) = match encoding {
        Utf8 | MislabelledUtf8 => ("utf-8", "8bit"),
        Utf8Base64 => ("utf-8", "base64"),
        Latin1Quoted => ("iso-8859-1", "quoted-printable"),
        MislabelledLatin => ("iso-8859-1", "8bit"),
        Windows1252 => ("windows-1252", "8bit"),
        Windows1252Base64 => ("windows-1252", "base64"),
    };
    let head = format!(
        "{headers}MIME-Version: 1.0\r\nContent-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {transfer}\r\n\r\n"
    );
    let body = bytes(body, encoding);
    let body = match encoding {
        Utf8 | MislabelledLatin | MislabelledUtf8 | Windows1252 => body,
        Latin1Quoted => quoted(&body).into_bytes(),
        Utf8Base64 | Windows1252Base64 => base64(&body).into_bytes(),
    };
    [head.into_bytes(), body].concat()
}
