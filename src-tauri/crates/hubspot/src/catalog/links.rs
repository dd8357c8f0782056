//! Which core types can be linked, and which type id reads the same link from the other side. Facts of HubSpot's
//! "Associate records" page; labels that a portal made itself are learned from the portal.

use crm::Pair;

use super::ObjectKind;

/// Two types, and ids of one kind of link between them: from the first side, and from the second.
type Row = (&'static str, &'static str, i64, i64);

const ROWS: [Row; 45] = [
    ("contacts", "contacts", 449, 449),
    ("contacts", "companies", 279, 280),
    ("contacts", "companies", 1, 2),     // primary
    ("contacts", "companies", 931, 930), // billing
    ("contacts", "deals", 4, 3),
    ("contacts", "tickets", 15, 16),
    ("contacts", "notes", 201, 202),
    ("contacts", "calls", 193, 194),
    ("contacts", "emails", 197, 198),
    ("contacts", "meetings", 199, 200),
    ("contacts", "tasks", 203, 204),
    ("companies", "companies", 450, 450),
    ("companies", "companies", 13, 14), // parent to child
    ("companies", "deals", 342, 341),
    ("companies", "deals", 6, 5), // primary
    ("companies", "tickets", 340, 339),
    ("companies", "tickets", 25, 26), // primary
    ("companies", "notes", 189, 190),
    ("companies", "calls", 181, 182),
    ("companies", "emails", 185, 186),
    ("companies", "meetings", 187, 188),
    ("companies", "tasks", 191, 192),
    ("deals", "deals", 451, 451),
    ("deals", "tickets", 27, 28),
    ("deals", "line_items", 19, 20),
    ("deals", "notes", 213, 214),
    ("deals", "calls", 205, 206),
    ("deals", "emails", 209, 210),
    ("deals", "meetings", 211, 212),
    ("deals", "tasks", 215, 216),
    ("tickets", "tickets", 452, 452),
    ("tickets", "notes", 227, 228),
    ("tickets", "calls", 219, 220),
    ("tickets", "emails", 223, 224),
    ("tickets", "meetings", 225, 226),
    ("tickets", "tasks", 229, 230),
    // Quotes and leads are not copied yet, but a portal's answers may name their links.
    ("contacts", "quotes", 70, 69),
    ("contacts", "quotes", 703, 702),
    ("contacts", "quotes", 1227, 1226),
    ("companies", "quotes", 72, 71),
    ("companies", "quotes", 1335, 1334),
    ("deals", "quotes", 63, 64),
    ("line_items", "quotes", 68, 67),
    ("tasks", "quotes", 218, 217),
    ("contacts", "leads", 609, 608),
];

/// Pairs of core types that can be linked, each once, from the side that [`super::core`] names first.
pub fn pairs() -> Vec<Pair> {
    let core = super::core();
    let known = |name: &str| core.iter().any(|kind| kind.object.as_str() == name);
    let mut pairs: Vec<Pair> = Vec::new();
    for (from, to, ..) in ROWS {
        let pair = Pair::new(from.into(), to.into());
        if known(from) && known(to) && !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs
}

/// Pairs of one custom type with the types it names, among those that are copied.
pub fn pairs_of_custom(
    custom: &ObjectKind,
    associated_type_ids: &[String],
    copied: &[ObjectKind],
) -> Vec<Pair> {
    let linked = copied
        .iter()
        .filter(|kind| kind.object != custom.object && associated_type_ids.contains(&kind.type_id));
    linked.map(|kind| Pair::new(custom.object.clone(), kind.object.clone())).collect()
}

/// The type id of the same link read from its other side, for links that HubSpot defines.
pub fn inverse(type_id: i64) -> Option<i64> {
    ROWS.iter().find_map(|&(_, _, there, back)| match type_id {
        id if id == there => Some(back),
        id if id == back => Some(there),
        _ => None,
    })
}
