//! A receiving SMTP server (RFC 5321) that hands complete messages to a backend.
