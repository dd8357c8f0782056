//! Words in quantity: remarks, product names, mail headers.
//!
//! Deliberately absent: names and places (`world::cast`).

use std::sync::LazyLock;

use crate::definitions::generator;
use crate::json::number;
use crate::noise::{self, pick};
use crate::world::cast::{Cast, Firm, Persona, Tongue};

static POOLS: LazyLock<Vec<Vec<&'static str>>> =
    LazyLock::new(|| generator::pools().into_iter().map(|(_, items)| items).collect());

/// What HubSpot allows in a note.
const LONG: usize = 65_536;

pub(super) fn from_pool(pool: usize, noise: u64, out: &mut Vec<u8>) {
    let items = &POOLS[pool];
    out.extend_from_slice(items[pick(noise, items.len())].as_bytes());
}

/// Some sentences in a language, now and then on lines of their own.
pub(super) fn remarks(tongue: &Tongue, noise: u64, count: u64, out: &mut Vec<u8>) {
    for nth in 0..count {
        let noise = noise::at(noise, nth);
        if nth > 0 {
            out.push(if noise.is_multiple_of(5) { b'\n' } else { b' ' });
        }
        out.extend_from_slice(tongue.notes[pick(noise, tongue.notes.len())].as_bytes());
    }
}

/// As much text as a note may hold.
pub(super) fn long(tongue: &Tongue, out: &mut Vec<u8>) {
    let end = out.len() + LONG - 200;
    let mut nth = 0;
    while out.len() < end {
        out.extend_from_slice(tongue.notes[nth % tongue.notes.len()].as_bytes());
        out.push(b'\n');
        nth += 1;
    }
}

pub(super) fn product_name(number_of: u64, out: &mut Vec<u8>) {
    const LINES: [&str; 10] =
        ["Vidde", "Fjord", "Kust", "Älv", "Skog", "Hamn", "Storm", "Klippa", "Sund", "Norrsken"];
    const SORTS: [&str; 8] =
        ["Gravel", "Cargo", "City", "Road", "Trail", "Kids", "E-Touring", "Longtail “XL”"];
    let (line, sort) = (number_of % 10, number_of / 10 % 8);
    let index = |n: u64| usize::try_from(n).expect("a short list");
    out.extend_from_slice(LINES[index(line)].as_bytes());
    out.push(b' ');
    out.extend_from_slice(SORTS[index(sort)].as_bytes());
    out.push(b' ');
    number(out, 100 + number_of / 80 * 100 + number_of % 7 * 10);
}

/// The headers of a mail, as JSON in a text.
pub(super) fn mail_headers(who: &Persona, cast: &Cast, firm: Option<&Firm>, out: &mut Vec<u8>) {
    let mut address = Vec::new();
    cast.write_email(&mut address, who, firm);
    let name = format!("{} {}", cast.given(who).native, cast.family(who).native);
    let address = String::from_utf8(address).expect("addresses are ASCII");
    let headers = serde_json::json!({
        "from": {"email": "service@norrskencycles.example", "firstName": "Norrsken", "lastName": "Cycles"},
        "to": [{"email": format!("{name} <{address}>")}],
        "cc": [],
        "bcc": [],
    });
    out.extend_from_slice(headers.to_string().as_bytes());
}
