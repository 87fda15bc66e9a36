//! Numbers, money, dates and times as each language writes them.
