//! Keys, codes and tokens that look like HubSpot's and that nobody can guess.
//!
//! Deliberately absent: keeping them.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::config::Region;

/// 32 digits in five groups.
pub(crate) fn uuid() -> io::Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let mut text = String::with_capacity(36);
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push(char::from_digit(u32::from(byte >> 4), 16).expect("four bits are one digit"));
        text.push(char::from_digit(u32::from(byte & 15), 16).expect("four bits are one digit"));
    }
    Ok(text)
}

/// What a service key or a private app's token looks like.
pub(crate) fn key(region: Region) -> io::Result<String> {
    Ok(format!("pat-{}-{}", region.name(), uuid()?))
}

/// What a refresh token or a code looks like.
pub(crate) fn regional(region: Region) -> String {
    format!("{}-{}", region.name(), uuid().expect(RANDOM))
}

/// What an OAuth access token looks like: long, and with characters that forms and URLs must encode.
pub(crate) fn opaque() -> String {
    let mut bytes = [0_u8; 165];
    getrandom::fill(&mut bytes).expect(RANDOM);
    STANDARD_NO_PAD.encode(bytes)
}

const RANDOM: &str = "the system has given random bytes since the portal was opened";
