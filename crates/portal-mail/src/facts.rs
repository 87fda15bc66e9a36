//! Facts of the mail as a mail: headers, decoded texts, attachments.

use crate::model::Language;

/// An address with the name shown beside it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mailbox {
    /// Display name, decoded; none when absent or a copy of the address.
    pub name: Option<String>,
    /// Lower-case address.
    pub address: String,
}

/// One attachment, described without its bytes (see [`crate::attachment_bytes`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentFacts {
    /// File name as sent, without folders; may be made up by the sender.
    pub name: Option<String>,
    /// MIME type sniffed from the content, else as declared.
    pub content_type: String,
    /// Bytes after transfer decoding.
    pub size: usize,
    /// SHA-256 of the decoded bytes, lower-case hex.
    pub sha256: String,
    /// A program by its content, or by the name it would be opened under.
    pub executable: bool,
    /// Index for [`crate::attachment_bytes`].
    pub part_index: usize,
}

/// What a delivery report says about our mail (RFC 3464).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BounceFacts {
    /// Message-ID of the mail that failed, without brackets.
    pub original_message_id: Option<String>,
    /// Lower-case address that could not be reached.
    pub recipient: Option<String>,
    /// Enhanced status code (RFC 3463), such as `5.1.1`.
    pub status: Option<String>,
    /// The mail is late and still on its way; nothing has failed yet (`Action: delayed`).
    pub delayed: bool,
}

/// A mail, decoded. Of the outer mail when it is a forward.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailFacts {
    /// Author as the header says.
    pub from: Option<Mailbox>,
    /// Where the author wants answers.
    pub reply_to: Vec<Mailbox>,
    /// Recipients named in `To`.
    pub to: Vec<Mailbox>,
    /// Recipients named in `Cc`.
    pub cc: Vec<Mailbox>,
    /// Decoded subject.
    pub subject: Option<String>,
    /// Without brackets.
    pub message_id: Option<String>,
    /// First id of `In-Reply-To`, without brackets.
    pub in_reply_to: Option<String>,
    /// Ids of `References` in order, without brackets.
    pub references: Vec<String>,
    /// `Date` header, Unix seconds.
    pub date: Option<i64>,
    /// Value of `Auto-Submitted` (RFC 3834), lower-case, without parameters.
    pub auto_submitted: Option<String>,
    /// Full decoded plain text; made from the HTML when there is no text part.
    pub text: String,
    /// What the author wrote now: quoted history and signature removed. The whole text where a portal or a form speaks.
    pub new_text: String,
    /// HTML part as sent. Unsanitised: never show it as is.
    pub html: Option<String>,
    /// Language of the first enquiry's words, else of `new_text`; none when unclear.
    pub language: Option<Language>,
    /// Attached files, inline images included.
    pub attachments: Vec<AttachmentFacts>,
    /// Present when the class is [`crate::Class::Bounce`].
    pub bounce: Option<BounceFacts>,
}
