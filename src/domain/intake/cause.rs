//! Why a mail is where it is: a code that stays, and a sentence for people, in German and English.

use crate::domain::codes::code;

code! {
    /// Why a mail is in the tray, ignored or a copy.
    Cause {
        /// An enquiry, but nobody to answer was found in it.
        NobodyToAnswer = "NOBODY_TO_ANSWER",
        /// No reader knows what it is.
        NotUnderstood = "NOT_UNDERSTOOD",
        /// An answer to a mail that is not ours.
        AnswerToNothing = "ANSWER_TO_NOTHING",
        /// A bounce of a mail that is not ours.
        BounceOfNothing = "BOUNCE_OF_NOTHING",
        /// It says it comes from a portal, and could not prove it. The detail names the check.
        SenderNotProven = "SENDER_NOT_PROVEN",
        /// A layout was remembered for this sender, and this mail looks different.
        LayoutNoLongerFits = "LAYOUT_NO_LONGER_FITS",
        /// Reading it failed again and again. The detail is the error.
        CouldNotBeRead = "COULD_NOT_BE_READ",
        /// An automatic answer.
        AutomaticAnswer = "AUTOMATIC_ANSWER",
        /// Newsletter, search alert, statistics, receipt.
        NobodyEnquires = "NOBODY_ENQUIRES",
        /// Junk.
        Junk = "JUNK",
        /// The agency blocked the sender.
        SenderBlocked = "SENDER_BLOCKED",
        /// The same mail was read already, by another way.
        CopyOfMail = "COPY_OF_MAIL",
        /// The same enquiry is a lead already.
        CopyOfEnquiry = "COPY_OF_ENQUIRY",
        /// A test mail, written to a test address.
        TestMail = "TEST_MAIL",
        /// A mail of ours is late; its server goes on trying.
        MailIsLate = "MAIL_IS_LATE",
        /// It could not be taken whole and is still where it was. The detail says where.
        CouldNotBeTaken = "COULD_NOT_BE_TAKEN",
        /// A human decided. The detail says what.
        ByHand = "BY_HAND",
        /// Something else; the detail says it in English.
        Other = "OTHER",
    }
}

impl Cause {
    /// What people read: German, English.
    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::NobodyToAnswer => (
                "Eine Anfrage, aber weder E-Mail-Adresse noch Telefonnummer wurde darin gefunden",
                "an enquiry, but nobody to answer was found in it",
            ),
            Self::NotUnderstood => ("Unklar, was diese Mail ist", "not clear what this is"),
            Self::AnswerToNothing => {
                ("Eine Antwort, die zu keiner unserer Mails gehört", "an answer to a mail that is not ours")
            }
            Self::BounceOfNothing => {
                ("Eine Unzustellbarkeitsmeldung zu einer fremden Mail", "a bounce of a mail that is not ours")
            }
            Self::SenderNotProven => (
                "Der Absender konnte nicht bestätigen, dass die Mail vom Portal stammt",
                "the sender could not prove that the mail comes from the portal",
            ),
            Self::LayoutNoLongerFits => (
                "Der gemerkte Aufbau der Mails dieses Absenders passt nicht mehr",
                "the layout remembered for this sender does not fit any more",
            ),
            Self::CouldNotBeRead => ("Die Mail konnte nicht gelesen werden", "could not be read"),
            Self::AutomaticAnswer => {
                ("Eine automatische Antwort; sie wird nicht beantwortet", "an automatic answer is not answered")
            }
            Self::NobodyEnquires => ("Hier fragt niemand an", "nobody enquires here"),
            Self::Junk => ("Unerwünschte Werbung", "junk"),
            Self::SenderBlocked => ("Der Absender ist gesperrt", "the sender is blocked"),
            Self::CopyOfMail => {
                ("Eine Kopie einer Mail, die schon gelesen wurde", "a copy of a mail that was read already")
            }
            Self::CopyOfEnquiry => ("Zu dieser Anfrage gibt es schon einen Lead", "the same enquiry is a lead already"),
            Self::TestMail => ("Eine Testmail", "test mail"),
            Self::MailIsLate => (
                "Eine Mail von uns verzögert sich; ihr Server versucht es weiter",
                "a mail of ours is late, its server goes on trying",
            ),
            Self::CouldNotBeTaken => {
                ("Die Mail konnte nicht vollständig übernommen werden", "the mail could not be taken as a whole")
            }
            Self::ByHand => ("Von Hand entschieden", "decided by hand"),
            Self::Other => ("Anderer Grund", "another reason"),
        }
    }
}

/// A cause with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The code.
    pub cause: Cause,
    /// What it is about: a domain, an error. Says nothing of a person.
    pub detail: Option<String>,
}

impl Why {
    /// A cause about something.
    #[must_use]
    pub fn about(cause: Cause, detail: impl Into<String>) -> Self {
        Self { cause, detail: Some(detail.into()) }
    }

    /// For people who read German.
    #[must_use]
    pub fn german(&self) -> String {
        self.with_detail(self.cause.texts().0)
    }

    /// For people who read English; also a line of the mail's trail.
    #[must_use]
    pub fn english(&self) -> String {
        self.with_detail(self.cause.texts().1)
    }

    fn with_detail(&self, text: &str) -> String {
        match &self.detail {
            Some(detail) => format!("{text}: {detail}"),
            None => text.to_owned(),
        }
    }
}

impl From<Cause> for Why {
    fn from(cause: Cause) -> Self {
        Self { cause, detail: None }
    }
}

impl From<&str> for Why {
    fn from(detail: &str) -> Self {
        Self::about(Cause::Other, detail)
    }
}
