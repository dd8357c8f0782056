//! Which of HubSpot's own types can be linked, and which type id reads the same link from the other side. Facts of HubSpot's
//! "Associate records" page; labels that a portal made itself are learned from the portal.

use crm::Pair;

use super::ObjectKind;

/// Two types, and ids of one kind of link between them: from the first side, and from the second.
type Row = (&'static str, &'static str, i64, i64);

const ROWS: [Row; 69] = [
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
    ("contacts", "leads", 609, 608),
    ("contacts", "quotes", 70, 69),
    ("contacts", "quotes", 703, 702),   // signer
    ("contacts", "quotes", 1227, 1226), // billing
    ("contacts", "communications", 82, 81),
    ("contacts", "postal_mail", 454, 453),
    ("contacts", "feedback_submissions", 97, 98),
    ("companies", "leads", 611, 610),
    ("companies", "quotes", 72, 71),
    ("companies", "quotes", 1335, 1334), // billing
    ("companies", "communications", 88, 87),
    ("companies", "postal_mail", 460, 459),
    ("companies", "feedback_submissions", 929, 928),
    ("deals", "leads", 1038, 1037),
    ("deals", "leads", 583, 582), // primary
    ("deals", "quotes", 63, 64),
    ("deals", "communications", 86, 85),
    ("deals", "postal_mail", 458, 457),
    ("deals", "goal_targets", 1357, 1356),
    ("deals", "feedback_submissions", 985, 984),
    ("tickets", "communications", 84, 83),
    ("tickets", "postal_mail", 456, 455),
    ("tickets", "feedback_submissions", 99, 100),
    ("line_items", "quotes", 68, 67),
    ("notes", "leads", 855, 854),
    ("calls", "leads", 597, 596),
    ("calls", "feedback_submissions", 1156, 1155),
    ("meetings", "leads", 601, 600),
    ("tasks", "leads", 647, 646),
    ("tasks", "quotes", 218, 217),
    ("leads", "communications", 602, 603),
    ("leads", "feedback_submissions", 1162, 1161),
    ("quotes", "feedback_submissions", 1172, 1171),
];

/// Types that can be linked as HubSpot's product pages tell, without the numbers of their links: those are learned from
/// the portal, and a pair that HubSpot does not know is left alone.
const LEARNED: [(&str, &str); 67] = [
    ("emails", "leads"),
    ("contacts", "invoices"),
    ("companies", "invoices"),
    ("deals", "invoices"),
    ("tickets", "invoices"),
    ("line_items", "invoices"),
    ("quotes", "invoices"),
    ("contacts", "subscriptions"),
    ("companies", "subscriptions"),
    ("deals", "subscriptions"),
    ("tickets", "subscriptions"),
    ("line_items", "subscriptions"),
    ("quotes", "subscriptions"),
    ("invoices", "subscriptions"),
    ("contacts", "payments"),
    ("companies", "payments"),
    ("deals", "payments"),
    ("tickets", "payments"),
    ("line_items", "payments"),
    ("quotes", "payments"),
    ("invoices", "payments"),
    ("subscriptions", "payments"),
    ("deals", "discounts"),
    ("line_items", "discounts"),
    ("quotes", "discounts"),
    ("deals", "fees"),
    ("line_items", "fees"),
    ("quotes", "fees"),
    ("deals", "taxes"),
    ("line_items", "taxes"),
    ("quotes", "taxes"),
    ("contacts", "orders"),
    ("companies", "orders"),
    ("deals", "orders"),
    ("tickets", "orders"),
    ("line_items", "orders"),
    ("payments", "orders"),
    ("contacts", "carts"),
    ("companies", "carts"),
    ("deals", "carts"),
    ("tickets", "carts"),
    ("line_items", "carts"),
    ("orders", "carts"),
    ("contacts", "services"),
    ("companies", "services"),
    ("deals", "services"),
    ("tickets", "services"),
    ("contacts", "courses"),
    ("companies", "courses"),
    ("deals", "courses"),
    ("tickets", "courses"),
    ("contacts", "listings"),
    ("companies", "listings"),
    ("deals", "listings"),
    ("tickets", "listings"),
    ("contacts", "appointments"),
    ("companies", "appointments"),
    ("deals", "appointments"),
    ("tickets", "appointments"),
    ("contacts", "projects"),
    ("companies", "projects"),
    ("deals", "projects"),
    ("tickets", "projects"),
    ("contacts", "marketing_events"),
    ("companies", "marketing_events"),
    ("deals", "marketing_events"),
    ("tickets", "marketing_events"),
];

/// Pairs of HubSpot's own types that can be linked, each once, from the side that [`super::all`] names first.
pub fn pairs() -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    let certain = ROWS.iter().map(|&(from, to, ..)| (from, to));
    for (from, to) in certain.chain(LEARNED) {
        let pair = Pair::new(from.into(), to.into());
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs
}

/// Whether HubSpot's own table of links names this pair; otherwise it may be refused, and that is no trouble.
pub fn is_certain(pair: &Pair) -> bool {
    ROWS.iter().any(|&(from, to, ..)| pair.from.as_str() == from && pair.to.as_str() == to)
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
