//! Section about mail that Amazon SES takes in for us.

use serde::Deserialize;

/// `[ses]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SesSettings {
    /// Topics of SNS whose deliveries are taken, as ARNs; none: the door is closed.
    pub topics: Vec<String>,
    /// Buckets of S3 from which mails are read.
    pub buckets: Vec<String>,
    /// One call of AWS may take, seconds. SNS itself waits for 15.
    pub timeout_seconds: u64,
    /// Another address than `https://s3.<region>.amazonaws.com`: an endpoint of the own network, or a stand-in.
    pub s3_endpoint: Option<String>,
    /// In the place of `https://sns.<region>.amazonaws.com`; development only, because whoever answers there decides which
    /// signatures are good.
    pub sns_endpoint: Option<String>,
}
