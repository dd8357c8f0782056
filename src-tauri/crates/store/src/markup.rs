//! Texts with mark-up (notes, e-mails) as plain text, for titles, lists and full text. Never for display as HTML.

use std::borrow::Cow;

/// Without tags and with the commonest entities resolved; a text that has no tag is left alone.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains('<') || next_tag(text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((start, end)) = next_tag(rest) {
        resolve(&rest[..start], &mut out);
        // A tag parts words: `one<br>two` is not `onetwo`.
        out.push(' ');
        rest = &rest[end..];
    }
    resolve(rest, &mut out);
    Cow::Owned(out.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// At most so many characters on one line, cut at a word, with `…` where something is missing.
pub(crate) fn short(text: &str, characters: usize) -> String {
    let mut words = text.split_whitespace();
    let mut out: String = words.next().unwrap_or_default().chars().take(characters).collect();
    let mut length = out.chars().count();
    for word in words {
        length += 1 + word.chars().count();
        if length > characters {
            out.push('…');
            break;
        }
        out.push(' ');
        out.push_str(word);
    }
    out
}

/// Where the next tag begins and ends. A `<` that opens none is text.
fn next_tag(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(at) = text[from..].find('<').map(|at| from + at) {
        let inside = &text[at + 1..];
        if inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!') {
            return inside.find('>').map(|end| (at, at + 1 + end + 1));
        }
        from = at + 1;
    }
    None
}

fn resolve(text: &str, out: &mut String) {
    const ENTITIES: [(&str, &str); 6] =
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (entity, character) =
            ENTITIES.into_iter().find(|(entity, _)| rest.starts_with(entity)).unwrap_or(("&", "&"));
        out.push_str(character);
        rest = &rest[entity.len()..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_go_and_text_that_only_looks_like_one_stays() {
        let cases = [
            ("no tags & no change", "no tags & no change"),
            ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
            ("<p>one<br/>two</p>", "one two"),
            ("<p>a &lt;b&gt; &amp;amp; c&nbsp;d &unknown;</p>", "a <b> &amp; c d &unknown;"),
            ("<div style=\"x\">é</div> <3", "é <3"),
            ("cut <a href=\"x", "cut <a href=\"x"),
        ];
        for (text, expected) in cases {
            assert_eq!(plain(text), expected, "{text}");
        }
    }

    #[test]
    fn long_texts_end_at_a_word() {
        assert_eq!(short("one  two\nthree", 9), "one two…");
        assert_eq!(short("one two three", 13), "one two three");
        assert_eq!(short("ééééé", 3), "ééé");
        assert_eq!(short("", 3), "");
    }
}
