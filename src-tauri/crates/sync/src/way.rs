//! How the records of a type are read: which endpoint names them, and whether their properties come with it. Pure.
//!
//! Several URLs for one page are deliberately no way: their answers could be of different moments, and a record put
//! together from them would be torn.

use std::fmt;

use crm::PropertyName;
use serde::{Deserialize, Serialize};

/// What names the records, and so which pool it draws on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    List,
    Search,
}

impl By {
    /// As it is kept with a range; what earlier versions wrote was all by list.
    pub(crate) fn of_range(way: &str) -> By {
        if way.starts_with("search") { By::Search } else { By::List }
    }
}

/// A way to read records; kept with each range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// One call per 100 records: all properties in the URL.
    List,
    /// Two calls per 100 records: ids from the list, properties by batch read.
    ListAndBatch,
    /// One search per 200 records: all properties in the body.
    Search,
    /// One search and two batch reads per 200 records.
    SearchAndBatch,
}

impl Way {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Way::List => "list",
            Way::ListAndBatch => "list+batch",
            Way::Search => "search",
            Way::SearchAndBatch => "search+batch",
        }
    }

    /// General calls for a hundred records.
    pub(crate) fn calls(self) -> f64 {
        match self {
            Way::List | Way::SearchAndBatch => 1.0,
            Way::ListAndBatch => 2.0,
            Way::Search => 0.0,
        }
    }

    /// Searches for a hundred records.
    pub(crate) fn searches(self) -> f64 {
        match self {
            Way::List | Way::ListAndBatch => 0.0,
            Way::Search | Way::SearchAndBatch => 0.5,
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What this server has shown about how long a request may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lengths {
    /// Bytes of path and query.
    pub(crate) url_max: usize,
    /// Bytes of a search's body; none: no limit was met.
    pub(crate) body_max: Option<usize>,
}

impl Default for Lengths {
    fn default() -> Lengths {
        Lengths { url_max: URL_MAX, body_max: None }
    }
}

/// URLs up to this many bytes are taken to work (API.md 7: 5,116 did, 16,200 did not).
pub(crate) const URL_MAX: usize = 7_500;

/// What HubSpot's documents allow the body of a search; longer ones work elsewhere, so they are tried first.
pub(crate) const BODY_BOUND: usize = 3_000;

/// Bytes of a list's URL, and of a search's body, besides the property names.
const URL_REST: usize = 200;
const BODY_REST: usize = 480;

impl Lengths {
    /// A URL of so many bytes was answered with 414: what is taken to fit is halved until it no longer would.
    pub(crate) fn refuse_url(&mut self, bytes: usize) {
        while self.url_max >= bytes && self.url_max > URL_REST {
            self.url_max /= 2;
        }
    }

    /// A body of so many bytes was refused. One that is short enough to be allowed was refused for something else.
    pub(crate) fn refuse_body(&mut self, bytes: usize) {
        if bytes > BODY_BOUND {
            self.body_max = Some(BODY_BOUND);
        }
    }

    pub(crate) fn by_list(self, names: NamesLength) -> Way {
        if names.url <= self.url_max { Way::List } else { Way::ListAndBatch }
    }

    pub(crate) fn by_search(self, names: NamesLength) -> Way {
        if self.body_max.is_none_or(|max| names.body <= max) { Way::Search } else { Way::SearchAndBatch }
    }
}

/// How long requests get that ask for some properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct NamesLength {
    pub(crate) url: usize,
    pub(crate) body: usize,
}

impl NamesLength {
    pub(crate) fn of(properties: &[PropertyName]) -> NamesLength {
        properties.iter().fold(NamesLength { url: URL_REST, body: BODY_REST }, |length, name| NamesLength {
            // With its comma, and in quotes with its comma.
            url: length.url + encoded_length(name.as_str()) + 1,
            body: length.body + name.as_str().len() + 3,
        })
    }
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

    fn ways(properties: &[PropertyName], lengths: Lengths) -> (Way, Way) {
        let names = NamesLength::of(properties);
        (lengths.by_list(names), lengths.by_search(names))
    }

    #[test]
    fn properties_come_along_where_they_fit_and_by_batch_where_not() {
        let fresh = Lengths::default();
        let bounded = Lengths { body_max: Some(BODY_BOUND), ..fresh };
        let short = Lengths { url_max: 1_000, ..fresh };
        assert_eq!(ways(&names(60), fresh), (Way::List, Way::Search));
        assert_eq!(ways(&names(300), fresh), (Way::List, Way::Search));
        assert_eq!(ways(&names(399), fresh), (Way::ListAndBatch, Way::Search));
        assert_eq!(ways(&names(2_300), fresh), (Way::ListAndBatch, Way::Search));
        assert_eq!(ways(&names(60), bounded), (Way::List, Way::Search));
        assert_eq!(ways(&names(200), bounded), (Way::List, Way::SearchAndBatch));
        assert_eq!(ways(&names(1_200), bounded), (Way::ListAndBatch, Way::SearchAndBatch));
        assert_eq!(ways(&names(60), short), (Way::ListAndBatch, Way::Search));
        assert_eq!(ways(&[PropertyName::new("ключ".repeat(400))], fresh), (Way::ListAndBatch, Way::Search));
    }

    #[test]
    fn a_refused_url_halves_what_is_taken_to_fit_once_for_all_that_were_in_flight() {
        let mut lengths = Lengths::default();
        lengths.refuse_url(7_000);
        assert_eq!(lengths.url_max, 3_750);
        lengths.refuse_url(7_000);
        assert_eq!(lengths.url_max, 3_750, "the same refusal, heard twice");
        lengths.refuse_url(2_000);
        assert_eq!(lengths.url_max, 1_875);
    }

    #[test]
    fn a_long_body_that_is_refused_is_bounded_and_a_short_one_was_refused_for_something_else() {
        let mut lengths = Lengths::default();
        lengths.refuse_body(2_900);
        assert_eq!(lengths.body_max, None);
        lengths.refuse_body(9_000);
        assert_eq!(lengths.body_max, Some(3_000));
    }

    #[test]
    fn ranges_of_earlier_versions_are_read_by_list() {
        for (way, by) in [("list", By::List), ("list+batch", By::List), ("search", By::Search)] {
            assert_eq!(By::of_range(way), by);
        }
        assert_eq!(By::of_range(&Way::SearchAndBatch.to_string()), By::Search);
    }
}
