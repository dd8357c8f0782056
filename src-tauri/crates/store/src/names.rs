//! Names that come from HubSpot, on their way into SQL: quoting and column names. Pure.

/// Columns that every object table has, and SQLite's own names for the row id.
const FIXED_COLUMNS: [&str; 12] = [
    "id",
    "picked",
    "properties",
    "created_at",
    "updated_at",
    "archived",
    "archived_at",
    "merged_into",
    "synced_at",
    "rowid",
    "oid",
    "_rowid_",
];

/// An identifier for SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text literal for SQL.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The path to one property in a record's JSON, as SQLite's JSON functions read it.
pub(crate) fn json_path(property: &str) -> String {
    format!("$.{}", serde_json::to_string(property).expect("a name can be written as JSON"))
}

/// A column for a property: its own name, with `_` appended until it is free. Case does not tell columns apart.
pub(crate) fn column_name<'a>(property: &str, taken: impl Iterator<Item = &'a str>) -> String {
    let taken: Vec<&str> = taken.chain(FIXED_COLUMNS).collect();
    free(property.to_owned(), &taken)
}

/// Names for the columns of a view, in order: each label in snake case; the property where the label says nothing or
/// repeats an earlier name.
pub(crate) fn view_names<'a>(
    columns: impl Iterator<Item = (&'a str, &'a str)>,
    fixed: &[&str],
) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (label, property) in columns {
        let taken: Vec<&str> = names.iter().map(String::as_str).chain(fixed.iter().copied()).collect();
        let name = snake_case(label);
        let name =
            if name.is_empty() || is_taken(&name, &taken) { free(property.to_owned(), &taken) } else { name };
        names.push(name);
    }
    names
}

fn free(mut name: String, taken: &[&str]) -> String {
    while is_taken(&name, taken) {
        name.push('_');
    }
    name
}

fn is_taken(name: &str, taken: &[&str]) -> bool {
    taken.iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// `Close date (UTC)` becomes `close_date_utc`. Letters of any script stay; a digit in front gets a `_` before it, so
/// that the name needs no quotes.
fn snake_case(label: &str) -> String {
    let words = label.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.map(str::to_lowercase).collect::<Vec<_>>().join("_");
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_column_names_that_need_no_quotes() {
        let columns = [
            ("First Name", "firstname"),
            ("first-name", "first_name_2"),
            ("", "hs_x"),
            ("!!!", "hs_x"),
            ("Created at", "createdate"),
            ("2024 Revenue (€)", "revenue"),
            ("Größe", "size"),
            ("姓名", "full"),
            ("ID", "id"),
        ];
        let names = view_names(columns.into_iter(), &["id", "created_at"]);
        assert_eq!(
            names,
            [
                "first_name",
                "first_name_2",
                "hs_x",
                "hs_x_",
                "createdate",
                "_2024_revenue",
                "größe",
                "姓名",
                "id_"
            ]
        );
    }

    #[test]
    fn a_property_never_takes_the_place_of_a_fixed_column() {
        assert_eq!(column_name("email", ["phone"].into_iter()), "email");
        assert_eq!(column_name("Created_At", [].into_iter()), "Created_At_");
        assert_eq!(column_name("EMAIL", ["email", "email_"].into_iter()), "EMAIL__");
        assert_eq!(column_name("rowid", [].into_iter()), "rowid_");
    }
}
