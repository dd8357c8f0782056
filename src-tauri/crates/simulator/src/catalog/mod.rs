//! The object types of the portal: one row each, with names, stamps, defaults and scopes.
//!
//! Twelve are in every portal; the others (`more`) where they are asked for.
//!
//! Deliberately absent: properties (`definitions`) and how many records there are (`world`).

mod more;

use crate::config::Config;

/// One object type, as a position among all there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Kind(pub(crate) u8);

pub(crate) const CONTACTS: Kind = Kind(0);
pub(crate) const COMPANIES: Kind = Kind(1);
pub(crate) const DEALS: Kind = Kind(2);
pub(crate) const TICKETS: Kind = Kind(3);
pub(crate) const LINE_ITEMS: Kind = Kind(4);
pub(crate) const PRODUCTS: Kind = Kind(5);
pub(crate) const NOTES: Kind = Kind(6);
pub(crate) const CALLS: Kind = Kind(7);
pub(crate) const EMAILS: Kind = Kind(8);
pub(crate) const MEETINGS: Kind = Kind(9);
pub(crate) const TASKS: Kind = Kind(10);
pub(crate) const BIKES: Kind = Kind(11);
pub(crate) const LEADS: Kind = Kind(12);
pub(crate) const QUOTES: Kind = Kind(13);
pub(crate) const COMMUNICATIONS: Kind = Kind(14);
pub(crate) const POSTAL_MAIL: Kind = Kind(15);
pub(crate) const GOAL_TARGETS: Kind = Kind(16);
pub(crate) const FEEDBACK_SUBMISSIONS: Kind = Kind(18);
pub(crate) const ORDERS: Kind = Kind(25);
pub(crate) const SERVICES: Kind = Kind(27);
/// Custom, and called `tickets`.
pub(crate) const ODD_TICKETS: Kind = Kind(33);
/// Custom, with a capital letter.
pub(crate) const ODD_VENDORS: Kind = Kind(34);
const CORE_COUNT: usize = 12;
pub(crate) const KIND_COUNT: usize = CORE_COUNT + more::MORE_KINDS.len();

/// What may be held: any of these sets, each in full.
pub(crate) type Need = &'static [&'static [&'static str]];

pub(crate) struct KindRow {
    pub(crate) name: &'static str,
    pub(crate) singular: &'static str,
    pub(crate) type_id: &'static str,
    pub(crate) created: &'static str,
    pub(crate) modified: &'static str,
    /// Answered when no properties are asked for, besides the id and the two stamps.
    pub(crate) defaults: &'static [&'static str],
    /// What a free-text search looks at.
    pub(crate) searched: &'static [&'static str],
    pub(crate) read: Need,
    pub(crate) write: Need,
    pub(crate) schema_write: Need,
    pub(crate) engagement: bool,
    /// One live record for so many contacts; 0 where the world says it otherwise.
    pub(crate) one_in: u64,
}

const CONTACTS_READ: Need = &[&["crm.objects.contacts.read"]];
const CONTACTS_WRITE: Need = &[&["crm.objects.contacts.write"]];
const CONTACTS_SCHEMA: Need = &[&["crm.schemas.contacts.write"]];

const ENGAGEMENT: KindRow = KindRow {
    name: "",
    singular: "",
    type_id: "",
    created: "hs_createdate",
    modified: "hs_lastmodifieddate",
    defaults: &[],
    searched: &[],
    read: CONTACTS_READ,
    write: CONTACTS_WRITE,
    schema_write: CONTACTS_SCHEMA,
    engagement: true,
    one_in: 0,
};

const RECORD: KindRow = KindRow { created: "createdate", engagement: false, ..ENGAGEMENT };

static CORE_KINDS: [KindRow; CORE_COUNT] = [
    KindRow {
        name: "contacts",
        singular: "contact",
        type_id: "0-1",
        modified: "lastmodifieddate",
        defaults: &["email", "firstname", "lastname"],
        searched: &["email", "firstname", "lastname", "phone", "company", "hs_additional_emails"],
        ..RECORD
    },
    KindRow {
        name: "companies",
        singular: "company",
        type_id: "0-2",
        defaults: &["domain", "name"],
        searched: &["name", "domain", "phone", "website"],
        read: &[&["crm.objects.companies.read"]],
        write: &[&["crm.objects.companies.write"]],
        schema_write: &[&["crm.schemas.companies.write"]],
        ..RECORD
    },
    KindRow {
        name: "deals",
        singular: "deal",
        type_id: "0-3",
        defaults: &["amount", "closedate", "dealname", "dealstage", "pipeline"],
        searched: &["dealname", "pipeline", "dealstage", "description", "dealtype"],
        read: &[&["crm.objects.deals.read"]],
        write: &[&["crm.objects.deals.write"]],
        schema_write: &[&["crm.schemas.deals.write"]],
        ..RECORD
    },
    KindRow {
        name: "tickets",
        singular: "ticket",
        type_id: "0-5",
        defaults: &[
            "content",
            "hs_pipeline",
            "hs_pipeline_stage",
            "hs_ticket_category",
            "hs_ticket_priority",
            "subject",
        ],
        searched: &["subject", "content", "hs_pipeline_stage", "hs_ticket_category"],
        read: &[&["tickets"]],
        write: &[&["tickets"]],
        schema_write: &[&["tickets"]],
        ..RECORD
    },
    KindRow {
        name: "line_items",
        singular: "line_item",
        type_id: "0-8",
        defaults: &["amount", "price", "quantity"],
        searched: &["name", "hs_sku"],
        read: &[&["crm.objects.line_items.read"], &["e-commerce"]],
        write: &[&["crm.objects.line_items.write"], &["e-commerce"]],
        schema_write: &[&["crm.schemas.line_items.write"], &["e-commerce"]],
        ..RECORD
    },
    KindRow {
        name: "products",
        singular: "product",
        type_id: "0-7",
        defaults: &["description", "name", "price"],
        searched: &["name", "description", "price", "hs_sku"],
        read: &[&["crm.objects.products.read"], &["e-commerce"]],
        write: &[&["crm.objects.products.write"], &["e-commerce"]],
        schema_write: &[&["crm.schemas.products.write"], &["e-commerce"]],
        ..RECORD
    },
    KindRow { name: "notes", singular: "note", type_id: "0-46", searched: &["hs_note_body"], ..ENGAGEMENT },
    KindRow {
        name: "calls",
        singular: "call",
        type_id: "0-48",
        searched: &["hs_call_title", "hs_call_body"],
        ..ENGAGEMENT
    },
    KindRow {
        name: "emails",
        singular: "email",
        type_id: "0-49",
        searched: &["hs_email_subject", "hs_email_text"],
        read: &[&["crm.objects.contacts.read"], &["sales-email-read"]],
        write: &[&["crm.objects.contacts.write"], &["sales-email-read"]],
        ..ENGAGEMENT
    },
    KindRow {
        name: "meetings",
        singular: "meeting",
        type_id: "0-47",
        searched: &["hs_meeting_title", "hs_meeting_body"],
        ..ENGAGEMENT
    },
    KindRow {
        name: "tasks",
        singular: "task",
        type_id: "0-27",
        searched: &["hs_task_subject", "hs_task_body"],
        ..ENGAGEMENT
    },
    KindRow {
        name: "bikes",
        singular: "bike",
        type_id: "2-41873006",
        created: "hs_createdate",
        defaults: &["model_name", "frame_number"],
        searched: &["model_name", "frame_number"],
        read: &[&["crm.objects.custom.read"]],
        write: &[&["crm.objects.custom.write"]],
        schema_write: &[&["crm.schemas.custom.write"]],
        ..RECORD
    },
];

impl Kind {
    pub(crate) fn all() -> impl Iterator<Item = Kind> {
        (0..KIND_COUNT).map(|i| Kind(u8::try_from(i).expect("few kinds")))
    }

    pub(crate) fn row(self) -> &'static KindRow {
        let at = self.index();
        CORE_KINDS.get(at).unwrap_or_else(|| &more::MORE_KINDS[at - CORE_COUNT])
    }

    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }

    pub(crate) fn name(self) -> &'static str {
        self.row().name
    }

    /// Not in every portal.
    pub(crate) fn is_rare(self) -> bool {
        self.index() >= CORE_COUNT
    }

    /// Made by the portal's owner.
    pub(crate) fn is_custom(self) -> bool {
        self.row().type_id.starts_with("2-")
    }

    /// What a custom object is called in full, and in inline links.
    pub(crate) fn fully_qualified(self, portal: u64) -> String {
        format!("p{portal}_{}", self.row().singular)
    }
}

/// Which types a portal has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kinds {
    present: [bool; KIND_COUNT],
    portal: u64,
}

impl Kinds {
    pub(crate) fn new(config: &Config) -> Kinds {
        let mut present = [false; KIND_COUNT];
        let named = |kind: Kind| {
            let name = kind.name();
            config.more_objects.iter().any(|more| more == name) || config.counts.contains_key(name)
        };
        for kind in Kind::all() {
            let odd = matches!(kind, ODD_TICKETS | ODD_VENDORS) && config.odd_objects;
            present[kind.index()] = kind.index() < CORE_COUNT || odd || named(kind);
        }
        Kinds { present, portal: config.portal }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = Kind> {
        let present = self.present;
        Kind::all().filter(move |kind| present[kind.index()])
    }

    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.present[kind.index()]
    }

    /// Finds a type by any of its names: plural, singular, id, and `p{portal}_bike` for custom ones.
    pub(crate) fn find(&self, text: &str) -> Option<Kind> {
        let found = self.all().find(|kind| {
            let row = kind.row();
            row.name == text || row.type_id == text || (row.singular == text && !matches!(*kind, ODD_TICKETS))
        });
        let in_full =
            |kind: &Kind| kind.is_custom() && text.eq_ignore_ascii_case(&kind.fully_qualified(self.portal));
        found.or_else(|| self.all().find(in_full))
    }
}

/// The plural names of every type that a portal may have beyond the usual ones.
pub(crate) fn more_names() -> impl Iterator<Item = &'static str> {
    more::MORE_KINDS.iter().map(|row| row.name).filter(|name| !name.starts_with("2-"))
}

/// The scopes that open a type to reading and writing.
pub(crate) fn scopes_of(name: &str) -> impl Iterator<Item = &'static str> {
    let row = Kind::all().map(Kind::row).find(|row| row.name == name);
    row.into_iter().flat_map(|row| [row.read, row.write]).filter_map(|need| Some(*need.first()?.first()?))
}

/// Every scope that any route of the simulator asks for: what a key with all boxes ticked holds.
pub(crate) const ALL_SCOPES: &[&str] = &[
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.objects.deals.read",
    "crm.objects.deals.write",
    "crm.objects.line_items.read",
    "crm.objects.line_items.write",
    "crm.objects.products.read",
    "crm.objects.products.write",
    "crm.objects.custom.read",
    "crm.objects.custom.write",
    "crm.objects.owners.read",
    "crm.objects.users.read",
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
    "crm.schemas.companies.read",
    "crm.schemas.companies.write",
    "crm.schemas.deals.read",
    "crm.schemas.deals.write",
    "crm.schemas.line_items.read",
    "crm.schemas.line_items.write",
    "crm.schemas.products.read",
    "crm.schemas.products.write",
    "crm.schemas.custom.read",
    "crm.schemas.custom.write",
    "e-commerce",
    "sales-email-read",
    "settings.users.read",
    "settings.users.teams.read",
    "tickets",
];
