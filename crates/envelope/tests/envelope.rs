//! What an envelope promises: it opens with its key in its place, and never otherwise.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use envelope::{DataKey, KeyId, Keyring, OpenError, Place, SealError, WrongKeyLength, key_id};
use proptest::prelude::*;
use uuid::Uuid;

const PLACE: Place<'static> = Place { tenant: b"tenant", table: "secrets", column: "sealed", row: b"row" };

fn id(number: u128) -> KeyId {
    KeyId(Uuid::from_u128(number))
}

/// Keys 1 to `count`, the last of them current.
fn keyring(count: u8) -> Keyring {
    let mut keyring = Keyring::new();
    for number in 1..=count {
        keyring.add(DataKey::from_bytes(id(number.into()), &[number; 32]).unwrap());
        keyring.set_current(id(number.into())).unwrap();
    }
    keyring
}

#[test]
fn what_was_sealed_opens_in_its_place_and_names_its_key() {
    let keyring = keyring(1);
    let envelope = keyring.seal(&PLACE, b"geheim").unwrap();
    assert_eq!(keyring.open(&PLACE, &envelope).unwrap().as_slice(), b"geheim");
    assert_eq!(key_id(&envelope), Ok(id(1)));
    assert_eq!(envelope.len(), 1 + 16 + 12 + 6 + 16);
    assert_ne!(envelope, keyring.seal(&PLACE, b"geheim").unwrap(), "each has a nonce of its own");
}

#[test]
fn it_opens_in_no_other_place() {
    let keyring = keyring(1);
    let envelope = keyring.seal(&PLACE, b"geheim").unwrap();
    for place in [
        Place { tenant: b"other", ..PLACE },
        Place { table: "other", ..PLACE },
        Place { column: "other", ..PLACE },
        Place { row: b"other", ..PLACE },
        // The same bytes in a row, parted elsewhere.
        Place { table: "secretss", column: "ealed", ..PLACE },
        Place { tenant: b"tenantsecrets", table: "", ..PLACE },
    ] {
        assert_eq!(keyring.open(&place, &envelope), Err(OpenError::Tampered), "{place:?}");
    }
}

#[test]
fn old_keys_open_and_the_current_one_seals() {
    let before = keyring(1).seal(&PLACE, b"alt").unwrap();
    let keyring = keyring(2);
    assert_eq!(keyring.open(&PLACE, &before).unwrap().as_slice(), b"alt");
    assert_eq!(key_id(&keyring.seal(&PLACE, b"neu").unwrap()), Ok(id(2)));
    assert_eq!(keyring.current(), Some(id(2)));
}

#[test]
fn a_key_that_is_not_here_is_named() {
    let envelope = keyring(2).seal(&PLACE, b"geheim").unwrap();
    assert_eq!(keyring(1).open(&PLACE, &envelope), Err(OpenError::UnknownKey(id(2))));
    assert_eq!(Keyring::new().seal(&PLACE, b"x"), Err(SealError::NoCurrentKey));
    assert_eq!(Keyring::new().set_current(id(1)), Err(OpenError::UnknownKey(id(1))));
}

/// The tag covers the header: relabelling an envelope with another known key is noticed even if both keys were the same.
#[test]
fn a_changed_key_id_is_noticed() {
    let mut keyring = keyring(1);
    keyring.add(DataKey::from_bytes(id(2), &[1; 32]).unwrap());
    let mut envelope = keyring.seal(&PLACE, b"geheim").unwrap();
    envelope[1..17].copy_from_slice(id(2).0.as_bytes());
    assert_eq!(keyring.open(&PLACE, &envelope), Err(OpenError::Tampered));
}

#[test]
fn keys_are_of_one_length_and_never_printed() {
    assert_eq!(DataKey::from_bytes(id(1), &[0; 31]).unwrap_err(), WrongKeyLength(31));
    let mut keyring = Keyring::new();
    keyring.add(DataKey::from_bytes(id(1), &[0xab; 32]).unwrap());
    let shown = format!("{keyring:?}");
    assert!(!shown.contains("171") && !shown.contains("ab, ") && shown.contains(&id(1).to_string()), "{shown}");
    assert_ne!(DataKey::generate(id(1)).expose(), DataKey::generate(id(1)).expose());
}

/// Made by another implementation of AES-GCM and written down, so that a later version still reads what this one sealed.
#[test]
fn version_1_stays_readable() {
    let envelope = unhex(VERSION_1);
    assert_eq!(keyring(1).open(&PLACE, &envelope).unwrap().as_slice(), "geheim äöü".as_bytes());
}

const VERSION_1: &str = "0100000000000000000000000000000001000102030405060708090a0bdcc3fd43499326ba5aa951079c09836c4dbd311ab7fa128c06791c935b";

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn place(parts: &[String; 4]) -> Place<'_> {
    Place { tenant: parts[0].as_bytes(), table: &parts[1], column: &parts[2], row: parts[3].as_bytes() }
}

proptest! {
    #[test]
    fn any_secret_comes_back(secret: Vec<u8>, tenant: Vec<u8>, table: String, column: String, row: Vec<u8>) {
        let place = Place { tenant: &tenant, table: &table, column: &column, row: &row };
        let keyring = keyring(3);
        let opened = keyring.open(&place, &keyring.seal(&place, &secret).unwrap()).unwrap();
        prop_assert_eq!(opened.as_slice(), secret.as_slice());
    }

    #[test]
    fn any_flipped_bit_is_noticed(secret: Vec<u8>, at: prop::sample::Index, bit in 0..8_u8) {
        let keyring = keyring(2);
        let mut envelope = keyring.seal(&PLACE, &secret).unwrap();
        let at = at.index(envelope.len());
        envelope[at] ^= 1 << bit;
        prop_assert!(keyring.open(&PLACE, &envelope).is_err());
    }

    #[test]
    fn a_part_of_an_envelope_never_opens(secret: Vec<u8>, length: prop::sample::Index) {
        let keyring = keyring(1);
        let envelope = keyring.seal(&PLACE, &secret).unwrap();
        let part = &envelope[..length.index(envelope.len())];
        prop_assert!(keyring.open(&PLACE, part).is_err());
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes: Vec<u8>) {
        prop_assert!(keyring(1).open(&PLACE, &bytes).is_err());
    }

    #[test]
    fn two_places_never_share_an_envelope(one: [String; 4], other: [String; 4]) {
        prop_assume!(one != other);
        let keyring = keyring(1);
        let envelope = keyring.seal(&place(&one), b"x").unwrap();
        prop_assert_eq!(keyring.open(&place(&other), &envelope), Err(OpenError::Tampered));
    }
}
