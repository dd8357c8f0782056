//! How the records of a type are read: the properties in the URL of the list, or listed ids and a batch read. Pure.

use std::fmt;

use crm::PropertyName;

/// A way to read records; kept with each range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// One call per 100 records: all properties in the URL.
    List,
    /// Two calls per 100 records: ids from the list, properties by batch read. Whole records whatever the number of
    /// properties, where several URLs for one page could tear them.
    ListAndBatch,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Way::List => "list",
            Way::ListAndBatch => "list+batch",
        })
    }
}

/// URLs up to this many bytes are taken to work (API.md 7: 5,116 did, 16,200 did not); a 414 halves it.
pub(crate) const URL_MAX: usize = 7_500;

/// Bytes of a list's URL besides its property names.
const URL_REST: usize = 200;

pub(crate) fn choose(properties: &[PropertyName], url_max: usize) -> Way {
    let names: usize = properties.iter().map(|name| encoded_length(name.as_str()) + 1).sum();
    if names + URL_REST <= url_max { Way::List } else { Way::ListAndBatch }
}

fn encoded_length(name: &str) -> usize {
    name.bytes().map(|byte| if byte.is_ascii_alphanumeric() || b"_-.~".contains(&byte) { 1 } else { 3 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<PropertyName> {
        (0..count).map(|index| PropertyName::new(format!("a_property_name_{index:05}"))).collect()
    }

    #[test]
    fn as_long_as_the_names_fit_one_url_the_list_alone_is_used() {
        assert_eq!(choose(&names(60), URL_MAX), Way::List);
        assert_eq!(choose(&names(300), URL_MAX), Way::List);
        assert_eq!(choose(&names(399), URL_MAX), Way::ListAndBatch);
        assert_eq!(choose(&names(60), 1_000), Way::ListAndBatch);
        assert_eq!(choose(&[PropertyName::new("ключ".repeat(400))], URL_MAX), Way::ListAndBatch);
    }
}
