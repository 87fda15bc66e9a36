//! Reading what somebody else's server answers, and no more of it than we want.

/// Why a body was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The connection broke.
    #[error("the answer broke off")]
    Broken(#[source] reqwest::Error),
    /// It is larger than it may be.
    #[error("the answer is larger than {most} bytes")]
    TooLarge {
        /// What it may have.
        most: usize,
        /// What was read of it.
        beginning: Vec<u8>,
    },
}

/// The whole body, if it has `most` bytes or fewer.
pub(super) async fn body(mut response: reqwest::Response, most: usize) -> Result<Vec<u8>, BodyError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Broken)? {
        let room = most - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            return Err(BodyError::TooLarge { most, beginning: body });
        }
    }
    Ok(body)
}
