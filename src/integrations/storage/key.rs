//! Names of files.

use std::fmt;
use std::str::FromStr;

/// Longest key. Object stores allow 1024 bytes, and so does no file name of a folder.
const LONGEST: usize = 200;

/// The name of a file in the store: segments of `a-z`, `0-9`, `-` and `.`, divided by `/`. No segment begins with a dot,
/// so none leads out of the store or to the files it writes meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileKey(String);

/// Not a name of a file in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a key of the file store")]
pub struct BadKey;

impl FileKey {
    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FileKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let is_segment = |segment: &str| {
            !segment.is_empty()
                && !segment.starts_with('.')
                && segment.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
        };
        let good = text.len() <= LONGEST && text.split('/').all(is_segment);
        if good { Ok(Self(text.to_owned())) } else { Err(BadKey) }
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_name_files_inside_the_store_and_nothing_else() {
        for good in ["a", "attachments/0193-ab/0f9c", "photos/1/large.webp", "a.b/c-d", "a..b"] {
            assert_eq!(good.parse::<FileKey>().unwrap().as_str(), good);
        }
        let long = "a".repeat(LONGEST + 1);
        let bad = [
            "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/.b", ".a", "a/./b", "a\\b", "A", "ä", "a b",
            "a\0", "a\nb", "c:a", "a%2fb", "~", "a_b", &long,
        ];
        for bad in bad {
            assert_eq!(bad.parse::<FileKey>(), Err(BadKey), "{bad:?}");
        }
    }
}
