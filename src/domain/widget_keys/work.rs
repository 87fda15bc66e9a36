//! The work a browser does before its enquiry is taken: nothing a person notices, but dear for whoever sends thousands.
//!
//! A challenge asks for [`PARTS`] numbers; the SHA-256 of its id (16 bytes), the part (32 bits, big-endian) and the number
//! (the same) must begin with so many zero bits. Several small parts take about as long every time; one large one would
//! take ten times as long for an unlucky visitor. `docs/decisions/0024` has the figures. The browser's side of it is in
//! `templates/widget/widget.js`.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Numbers to be found.
pub const PARTS: usize = 8;

/// Whether the numbers found do it.
#[must_use]
pub fn is_done(challenge: Uuid, bits: u8, solution: &[u32]) -> bool {
    solution.len() == PARTS
        && (0_u32..).zip(solution).all(|(part, number)| zero_bits(&hash(challenge, part, *number)) >= u32::from(bits))
}

/// Finds the numbers, as a browser does.
#[must_use]
pub fn solve(challenge: Uuid, bits: u8) -> Vec<u32> {
    let found = |part| (0..u32::MAX).find(|number| zero_bits(&hash(challenge, part, *number)) >= u32::from(bits));
    (0_u32..).take(PARTS).filter_map(found).collect()
}

fn hash(challenge: Uuid, part: u32, number: u32) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(challenge.as_bytes());
    hash.update(part.to_be_bytes());
    hash.update(number.to_be_bytes());
    hash.finalize().into()
}

fn zero_bits(hash: &[u8; 32]) -> u32 {
    let [a, b, c, d, ..] = *hash;
    u32::from_be_bytes([a, b, c, d]).leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_numbers_found_for_this_challenge_do_it() {
        let challenge = Uuid::from_u128(0x0192_f00d_cafe_7000_8000_0000_0000_0001);
        let solution = solve(challenge, 8);
        assert!(is_done(challenge, 8, &solution));
        assert!(!is_done(challenge, 16, &solution), "less work than was asked for");
        assert!(!is_done(Uuid::from_u128(1), 8, &solution), "work done for another one");
        assert!(!is_done(challenge, 8, &solution[1..]));
        assert!(!is_done(challenge, 8, &[&solution[..], &[1]].concat()));
        assert!(!is_done(challenge, 0, &[]));
        let mut swapped = solution.clone();
        swapped.rotate_left(1);
        assert!(!is_done(challenge, 8, &swapped), "each part is work of its own");
    }
}
