//! A command line split into verb and argument (RFC 5321, section 4.1.1).

/// What the client wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Ehlo,
    Helo,
    Mail,
    Rcpt,
    Data,
    Rset,
    Noop,
    Quit,
    Vrfy,
    Help,
    StartTls,
    /// A command of SMTP that this server does not have (502).
    NotImplemented,
    /// The first line of another protocol: a browser or an HTTP client was tricked into talking to
    /// us, and further lines are not its own words.
    Foreign,
    Unknown,
}

/// Splits a line; the argument has no blanks around it.
pub(crate) fn split(line: &str) -> (Verb, &str) {
    let line = line.trim_end_matches([' ', '\t']);
    let (word, argument) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    (verb(word), argument.trim_start_matches([' ', '\t']))
}

fn verb(word: &str) -> Verb {
    match word.to_ascii_uppercase().as_str() {
        "EHLO" => Verb::Ehlo,
        "HELO" => Verb::Helo,
        "MAIL" => Verb::Mail,
        "RCPT" => Verb::Rcpt,
        "DATA" => Verb::Data,
        "RSET" => Verb::Rset,
        "NOOP" => Verb::Noop,
        "QUIT" => Verb::Quit,
        "VRFY" => Verb::Vrfy,
        "HELP" => Verb::Help,
        "STARTTLS" => Verb::StartTls,
        "EXPN" | "AUTH" | "BDAT" | "BURL" | "ETRN" | "ATRN" | "TURN" | "SEND" | "SOML" | "SAML" | "LHLO" => {
            Verb::NotImplemented
        }
        "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "PATCH" | "OPTIONS" | "CONNECT" | "TRACE" => Verb::Foreign,
        _ => Verb::Unknown,
    }
}

/// What follows a keyword such as `FROM:`, in any case.
pub(crate) fn after_keyword<'a>(argument: &'a str, keyword: &str) -> Option<&'a str> {
    let head = argument.get(..keyword.len())?;
    head.eq_ignore_ascii_case(keyword).then(|| &argument[keyword.len()..])
}

#[cfg(test)]
mod tests {
    use super::{Verb, after_keyword, split};

    #[test]
    fn verbs_are_read_in_any_case_and_need_a_blank_after_them() {
        assert_eq!(split("eHlO  a.de \t"), (Verb::Ehlo, "a.de"));
        assert_eq!(split("DATA"), (Verb::Data, ""));
        assert_eq!(split("DATAX"), (Verb::Unknown, ""));
        assert_eq!(split(" NOOP"), (Verb::Unknown, "NOOP"));
        assert_eq!(split(""), (Verb::Unknown, ""));
    }

    #[test]
    fn keyword_is_cut_off() {
        assert_eq!(after_keyword("from:<a@b>", "FROM:"), Some("<a@b>"));
        assert_eq!(after_keyword("FRO", "FROM:"), None);
        assert_eq!(after_keyword("fr\u{f6}m:x", "FROM:"), None);
    }
}
