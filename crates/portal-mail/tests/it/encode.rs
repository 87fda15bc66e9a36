//! Writes a body in the charsets and transfer encodings that portals and mail programs use.

#[derive(Debug, Clone, Copy)]
pub(crate) enum Encoding {
    Utf8,
    Latin1Quoted,
    Windows1252Base64,
}

fn bytes(text: &str, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        // Every character of the fixtures is below U+0100.
        _ => text.chars().map(|c| u8::try_from(u32::from(c)).expect("latin text")).collect(),
    }
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
    let kind = if html { "html" } else { "plain" };
    let (charset, transfer) = match encoding {
        Encoding::Utf8 => ("utf-8", "8bit"),
        Encoding::Latin1Quoted => ("iso-8859-1", "quoted-printable"),
        Encoding::Windows1252Base64 => ("windows-1252", "base64"),
    };
    let head = format!(
        "{headers}MIME-Version: 1.0\r\nContent-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {transfer}\r\n\r\n"
    );
    let body = bytes(body, encoding);
    let body = match encoding {
        Encoding::Utf8 => body,
        Encoding::Latin1Quoted => quoted(&body).into_bytes(),
        Encoding::Windows1252Base64 => base64(&body).into_bytes(),
    };
    [head.into_bytes(), body].concat()
}
