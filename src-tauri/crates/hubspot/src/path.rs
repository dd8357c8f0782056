//! Paths and queries, encoded. Deliberately absent: knowing what they mean.

/// A path with its query, built piece by piece.
pub(crate) struct Path {
    text: String,
    queried: bool,
}

impl Path {
    pub(crate) fn new(base: String) -> Path {
        Path { text: base, queried: false }
    }

    pub(crate) fn segment(mut self, text: &str) -> Path {
        self.text.push('/');
        encode(&mut self.text, text);
        self
    }

    pub(crate) fn query(mut self, name: &str, value: &str) -> Path {
        self.ask(name);
        encode(&mut self.text, value);
        self
    }

    pub(crate) fn query_some(self, name: &str, value: Option<&str>) -> Path {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// A list with its commas as they are: encoded ones cost two bytes each, and the URL's length is limited.
    pub(crate) fn query_list<'a>(mut self, name: &str, values: impl Iterator<Item = &'a str>) -> Path {
        let mut values = values.peekable();
        if values.peek().is_none() {
            return self;
        }
        self.ask(name);
        for (at, value) in values.enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            encode(&mut self.text, value);
        }
        self
    }

    pub(crate) fn archived(self, archived: bool) -> Path {
        if archived { self.query("archived", "true") } else { self }
    }

    pub(crate) fn done(self) -> String {
        self.text
    }

    fn ask(&mut self, name: &str) {
        self.text.push(if self.queried { '&' } else { '?' });
        self.queried = true;
        self.text.push_str(name);
        self.text.push('=');
    }
}

fn encode(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_encoded_and_the_commas_of_a_list_are_not() {
        let path = Path::new("/crm".into())
            .segment("a/b?")
            .query("limit", "100")
            .query_list("properties", ["firstname", "näme,x"].into_iter())
            .query_list("none", std::iter::empty())
            .archived(true)
            .done();
        assert_eq!(path, "/crm/a%2Fb%3F?limit=100&properties=firstname,n%C3%A4me%2Cx&archived=true");
    }

    #[test]
    fn a_segment_of_dots_cannot_climb() {
        // `..` would be resolved away by any URL parser, so no id may ever be one.
        assert_eq!(Path::new("/crm".into()).segment("../x").done(), "/crm/..%2Fx");
    }
}
