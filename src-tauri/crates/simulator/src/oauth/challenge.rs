//! PKCE: whether a verifier fits the challenge that was sent before it.
//!
//! Deliberately absent: the plain method, which no page of HubSpot's names; nothing fits such a challenge.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

#[derive(Debug)]
pub(super) struct Challenge {
    pub(super) text: String,
    pub(super) is_s256: bool,
}

impl Challenge {
    pub(super) fn fits(&self, verifier: &str) -> bool {
        self.is_s256 && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc_fits_and_nothing_else_does() {
        let challenge =
            |is_s256| Challenge { text: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(), is_s256 };
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(challenge(true).fits(verifier));
        assert!(!challenge(true).fits(&verifier[1..]) && !challenge(false).fits(verifier));
        assert!(!challenge(false).fits("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
    }
}
