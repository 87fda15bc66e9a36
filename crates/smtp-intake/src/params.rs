//! Parameters of MAIL and RCPT (RFC 5321, section 4.1.2, `Mail-parameters`).

use crate::Reply;

/// What a client may declare at MAIL.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct MailParams {
    pub(crate) size: Option<u64>,
    pub(crate) body_8bit: bool,
    pub(crate) smtputf8: bool,
}

/// Reads SIZE (RFC 1870), BODY (RFC 6152) and SMTPUTF8 (RFC 6531); those and no others are
/// announced at EHLO.
pub(crate) fn read_mail(text: &str) -> Result<MailParams, Reply> {
    let mut params = MailParams::default();
    let mut seen = Vec::new();
    for word in words(text) {
        let (keyword, value) = read_word(word)?;
        if seen.contains(&keyword) {
            return Err(syntax("Parameter given twice"));
        }
        match (keyword.as_str(), value) {
            ("SIZE", Some(value)) => params.size = Some(read_size(value)?),
            ("BODY", Some(value)) => params.body_8bit = read_body(value)?,
            ("SMTPUTF8", None) => params.smtputf8 = true,
            ("SIZE" | "BODY" | "SMTPUTF8", _) => return Err(syntax("Bad parameter value")),
            _ => return Err(unknown()),
        }
        seen.push(keyword);
    }
    Ok(params)
}

/// No extension announced here gives RCPT a parameter.
pub(crate) fn read_rcpt(text: &str) -> Result<(), Reply> {
    match words(text).next() {
        None => Ok(()),
        Some(word) => Err(read_word(word).map_or_else(|reply| reply, |_| unknown())),
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\t']).filter(|word| !word.is_empty())
}

fn read_word(word: &str) -> Result<(String, Option<&str>), Reply> {
    let (keyword, value) = match word.split_once('=') {
        Some((keyword, value)) => (keyword, Some(value)),
        None => (word, None),
    };
    let keyword_ok = keyword.starts_with(|c: char| c.is_ascii_alphanumeric())
        && keyword.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let value_ok = value.is_none_or(|v| !v.is_empty() && v.chars().all(|c| c.is_ascii_graphic() && c != '='));
    if keyword_ok && value_ok { Ok((keyword.to_ascii_uppercase(), value)) } else { Err(syntax("Malformed parameter")) }
}

/// Up to 20 digits (RFC 1870, section 4). More than fits in 64 bits is certainly too big.
fn read_size(value: &str) -> Result<u64, Reply> {
    if value.len() > 20 || !value.bytes().all(|b| b.is_ascii_digit()) {
        return Err(syntax("Bad SIZE"));
    }
    Ok(value.parse().unwrap_or(u64::MAX))
}

fn read_body(value: &str) -> Result<bool, Reply> {
    match value.to_ascii_uppercase().as_str() {
        "7BIT" => Ok(false),
        "8BITMIME" => Ok(true),
        _ => Err(syntax("Bad BODY")),
    }
}

fn syntax(text: &str) -> Reply {
    Reply::new(501, (5, 5, 4), text)
}

fn unknown() -> Reply {
    Reply::new(555, (5, 5, 4), "Parameter not recognized or not implemented")
}

#[cfg(test)]
mod tests {
    use super::{MailParams, read_mail, read_rcpt};

    #[test]
    fn known_parameters_are_read_in_any_case() {
        let expected = MailParams { size: Some(77), body_8bit: true, smtputf8: true };
        assert_eq!(read_mail(" size=77  Body=8bitMIME smtputf8"), Ok(expected));
        assert_eq!(read_mail(""), Ok(MailParams::default()));
    }

    #[test]
    fn overflowing_size_is_the_largest_one() {
        assert_eq!(read_mail("SIZE=99999999999999999999").unwrap().size, Some(u64::MAX));
    }

    #[test]
    fn bad_syntax_and_unknown_parameters_differ() {
        for text in [
            "SIZE",
            "SIZE=",
            "SIZE=-1",
            "SIZE=1a",
            "SIZE=1 SIZE=1",
            "BODY=BINARYMIME",
            "SMTPUTF8=1",
            "=1",
            "A=B=C",
            "-A",
            "SIZE=999999999999999999999",
            "\u{fc}=1",
        ] {
            assert_eq!(read_mail(text).unwrap_err().code(), 501, "{text}");
        }
        for text in ["AUTH=<>", "RET=FULL", "FOO"] {
            assert_eq!(read_mail(text).unwrap_err().code(), 555, "{text}");
        }
        assert_eq!(read_rcpt(" "), Ok(()));
        assert_eq!(read_rcpt(" NOTIFY=NEVER").unwrap_err().code(), 555);
        assert_eq!(read_rcpt(" =").unwrap_err().code(), 501);
    }
}
