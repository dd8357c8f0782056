//! JSON written straight into bytes: the path every record takes.
//!
//! Raw text is UTF-8 with one addition: the byte 0xFF, which UTF-8 never uses, stands for a lone surrogate.
//! Deliberately absent: a tree. Answers that are small and rare are built with `serde_json` where they arise.

/// Stands in raw text for a lone high surrogate, which only a JSON escape can carry.
pub(crate) const LONE_SURROGATE: u8 = 0xff;

/// Writes `"raw"` with what JSON needs escaped.
pub(crate) fn text(out: &mut Vec<u8>, raw: &[u8]) {
    out.push(b'"');
    let start = out.len();
    out.extend_from_slice(raw);
    close(out, start);
}

/// Ends a JSON string whose raw text was written from `start` on.
pub(crate) fn close(out: &mut Vec<u8>, start: usize) {
    if !is_plain(&out[start..]) {
        let raw = out.split_off(start);
        escape(out, &raw);
    }
    out.push(b'"');
}

fn is_plain(raw: &[u8]) -> bool {
    // No early exit within a block: the compiler then checks many bytes at once.
    raw.chunks(64).all(|block| {
        let special = |b: u8| u8::from(b < 0x20) | u8::from(matches!(b, b'"' | b'\\' | LONE_SURROGATE));
        block.iter().fold(0, |found, &b| found | special(b)) == 0
    })
}

fn escape(out: &mut Vec<u8>, raw: &[u8]) {
    for &b in raw {
        match b {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            LONE_SURROGATE => out.extend_from_slice(b"\\ud83d"),
            0..0x20 => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[HEX[usize::from(b >> 4)], HEX[usize::from(b & 15)]]);
            }
            _ => out.push(b),
        }
    }
}

/// Writes a whole number.
pub(crate) fn number(out: &mut Vec<u8>, mut n: u64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(n % 10).expect("one digit");
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Raw text as people read it, for comparing.
pub(crate) fn readable(raw: &[u8]) -> String {
    String::from_utf8_lossy(raw).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_only_where_json_needs_it() {
        let mut out = Vec::new();
        text(&mut out, "Åsa \"Å\" \\ \n\u{1} 🚲".as_bytes());
        assert_eq!(String::from_utf8(out).unwrap(), r#""Åsa \"Å\" \\ \n\u0001 🚲""#);
        let mut out = Vec::new();
        text(&mut out, &[b'a', LONE_SURROGATE, 0, b'b']);
        assert_eq!(String::from_utf8(out).unwrap(), r#""a\ud83d\u0000b""#);
    }

    #[test]
    fn numbers_are_written_in_full() {
        let mut out = Vec::new();
        number(&mut out, 0);
        out.push(b' ');
        number(&mut out, u64::MAX);
        assert_eq!(String::from_utf8(out).unwrap(), "0 18446744073709551615");
    }
}
