//! The portal mails of the demo. People are invented; the forms are those of the portals.

/// A prospect of one run. The address is new in every run, so that every run is a new enquiry.
#[derive(Debug, Clone)]
pub(super) struct Prospect {
    pub(super) name: &'static str,
    pub(super) portal: &'static str,
    pub(super) address: String,
}

/// The three who get an answer.
pub(super) fn prospects(run: &str) -> [Prospect; 3] {
    let prospect = |name, portal, local: &str| Prospect { name, portal, address: format!("{local}.{run}@example.org") };
    [
        prospect("Ida Probe", "willhaben", "ida.probe"),
        prospect("Tom Beispiel", "ImmoScout24", "tom.beispiel"),
        prospect("Nora Muster", "immowelt", "nora.muster"),
    ]
}

/// A mail with its envelope sender.
pub(super) struct Mail {
    pub(super) from: String,
    pub(super) raw: String,
}

/// willhaben: labels in plain text; wants to see the flat.
pub(super) fn willhaben(run: &str, to: &str, date: &str, ida: &Prospect) -> Mail {
    let address = &ida.address;
    Mail {
        from: "no-reply@willhaben.at".to_owned(),
        raw: format!(
            "From: willhaben <no-reply@willhaben.at>\r\nTo: {to}\r\nDate: {date}\r\nMessage-ID: <wh-{run}@willhaben.at>\r\n\
             Subject: =?utf-8?Q?Anfrage_zu_Anzeige_Helle_Altbauwohnung_(1834567201)?=\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
             Guten Tag,\r\n\r\nSie haben eine neue Anfrage zu Ihrer Anzeige erhalten.\r\n\r\n\
             Code: 1834567201\r\nAnfrage von: Frau Ida Probe\r\nE-Mail: {address}\r\nTelefon: 0664 5550123\r\n\r\n\
             Nachricht:\r\nGrüß Gott, die Wohnung gefällt mir sehr gut und ich würde sie gerne besichtigen. Sind Haustiere erlaubt?\r\n\
             Liebe Grüße\r\nIda Probe\r\n"
        ),
    }
}

/// ImmoScout24: openimmo_feedback as an attachment; asks for more.
pub(super) fn immoscout24(run: &str, to: &str, date: &str, tom: &Prospect) -> Mail {
    let address = &tom.address;
    Mail {
        from: "noreply@immobilienscout24.de".to_owned(),
        raw: format!(
            "From: ImmobilienScout24 <noreply@immobilienscout24.de>\r\nTo: {to}\r\nDate: {date}\r\nMessage-ID: <is24-{run}@immobilienscout24.de>\r\n\
             Subject: Kontaktanfrage zu Ihrem Objekt (Objekt  DB-2207)\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=\"grenze\"\r\n\r\n--grenze\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: 8bit\r\n\r\nSie haben eine neue Kontaktanfrage erhalten.\r\n--grenze\r\n\
             Content-Type: application/xml; name=\"openimmo-feedback.xml\"\r\nContent-Disposition: attachment; filename=\"openimmo-feedback.xml\"\r\n\
             Content-Transfer-Encoding: 8bit\r\n\r\n\
             <?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<openimmo_feedback><version>1.2.5</version>\
             <sender><name>ImmobilienScout24</name><datum>22.11.2026</datum></sender>\
             <objekt><portal_obj_id>151234567</portal_obj_id><oobj_id>DB-2207</oobj_id>\
             <interessent><int_id>demo-{run}</int_id><anrede>Herr</anrede><vorname>Tom</vorname><nachname>Beispiel</nachname>\
             <tel>+43 1 5550456</tel><email>{address}</email>\
             <anfrage>Guten Tag, ich interessiere mich für die Dachgeschoßwohnung. Wie hoch sind die Betriebskosten?</anfrage>\
             </interessent></objekt></openimmo_feedback>\r\n--grenze--\r\n"
        ),
    }
}

/// immowelt: label and value in nested tables, in ISO-8859-1; thinks better of it later.
pub(super) fn immowelt(run: &str, to: &str, date: &str, nora: &Prospect) -> Mail {
    let address = &nora.address;
    let row = |label: &str, value: &str| {
        format!(
            "<tr><td><table><tr><td>{label}</td></tr></table></td><td><table><tr><td>{value}</td></tr></table></td></tr>\r\n"
        )
    };
    let link = format!("<a href=3D\"mailto:{address}\">{address}</a>");
    let rows = [
        row("Name:", "Frau Nora Muster"),
        row("Telefon:", "0699 5550789"),
        row("E-Mail:", &link),
        row("Nachricht:", "Guten Tag, ist das Reihenhaus noch verf=FCgbar? Mit freundlichen Gr=FC=DFen"),
    ]
    .concat();
    Mail {
        from: "noreply@immowelt.de".to_owned(),
        raw: format!(
            "From: immowelt <noreply@immowelt.de>\r\nTo: {to}\r\nCc: objektanfragen@immowelt.de\r\nDate: {date}\r\n\
             Message-ID: <iw-{run}@immowelt.de>\r\nSubject: Anfrage zu Ihrem Objekt Ref.-Nr. DB-3310: Reihenhaus\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
             <html><body><p>Sie haben eine neue Anfrage.</p><table>\r\n{rows}</table></body></html>\r\n"
        ),
    }
}

/// A portal mail nobody can be answered from: for the tray.
pub(super) fn unreadable(run: &str, to: &str, date: &str) -> Mail {
    Mail {
        from: "service@immobilien.derstandard.at".to_owned(),
        raw: format!(
            "From: derStandard Immobilien <service@immobilien.derstandard.at>\r\nTo: {to}\r\nDate: {date}\r\n\
             Message-ID: <ds-{run}@immobilien.derstandard.at>\r\nSubject: Neue Anfrage zu Ihrem Inserat ({run})\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\nJemand interessiert sich für Ihr Inserat. Bitte melden Sie sich in Ihrem Konto an.\r\n"
        ),
    }
}

/// What a prospect writes back to `answer`.
pub(super) fn reply(
    run: &str,
    to: &str,
    date: &str,
    from: &Prospect,
    answer: &super::browser::Answer,
    number: u32,
    text: &str,
) -> Mail {
    let Prospect { name, address, .. } = from;
    let (id, subject) = (&answer.message_id, &answer.subject);
    Mail {
        from: address.clone(),
        raw: format!(
            "From: {name} <{address}>\r\nTo: {to}\r\nDate: {date}\r\nMessage-ID: <reply-{number}-{run}.{address}>\r\n\
             In-Reply-To: <{id}>\r\nReferences: <{id}>\r\nSubject: Re: {subject}\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n\r\n\
             Am 22.11.2026 schrieb Donaublick Immobilien:\r\n> Vielen Dank für Ihre Anfrage.\r\n"
        ),
    }
}
