//! The association types: HubSpot's own, and the labels the portal made.
//!
//! Deliberately absent: the links that carry them (`world::links`, `associations`).

use serde_json::{Value, json};

use crate::catalog::{BIKES, COMPANIES, CONTACTS, DEALS, Kind, ODD_TICKETS, ODD_VENDORS};
use crate::world::links::{DEALER, DECIDER, RIDER, SEATED, SUPPLIER, VENDING};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Category {
    HubSpot,
    User,
}

impl Category {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Category::HubSpot => "HUBSPOT_DEFINED",
            Category::User => "USER_DEFINED",
        }
    }
}

/// One association type in one direction.
#[derive(Debug, Clone)]
pub(crate) struct LinkType {
    pub(crate) from: Kind,
    pub(crate) to: Kind,
    pub(crate) id: u32,
    /// The same type seen from the other end.
    pub(crate) inverse: u32,
    pub(crate) category: Category,
    pub(crate) label: Option<String>,
    pub(crate) name: Option<String>,
}

impl LinkType {
    pub(crate) fn is_primary(&self) -> bool {
        self.category == Category::HubSpot && self.label.as_deref() == Some("Primary")
    }

    /// A label that the portal made, and may rename or drop.
    pub(crate) fn is_custom(&self) -> bool {
        self.category == Category::User && self.label.is_some()
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({"category": self.category.name(), "typeId": self.id, "label": self.label})
    }
}

/// HubSpot allows so many labels of one's own between two types.
pub(crate) const LABELS_MAX: usize = 10;

#[derive(Debug)]
pub(crate) struct Labels {
    pub(crate) list: Vec<LinkType>,
    next: u32,
}

impl Labels {
    pub(crate) fn new() -> Labels {
        let kind = |name: &str| Kind::all().find(|k| k.name() == name).expect("a type");
        let mut list = Vec::new();
        for line in include_str!("world/data/association_types.txt").lines().filter(|l| !l.starts_with('#')) {
            let mut parts = line.splitn(5, ' ');
            let mut part = || parts.next().expect("four columns");
            let (from, to) = (kind(part()), kind(part()));
            let (id, inverse) = (part().parse().expect("a number"), part().parse().expect("a number"));
            let label = parts.next().map(str::to_owned);
            let name = None;
            list.push(LinkType { from, to, id, inverse, category: Category::HubSpot, label, name });
        }
        let mut labels = Labels { list, next: 49 };
        labels.pair(CONTACTS, COMPANIES, SUPPLIER, Some(("Supplier contact", "Supplier")), "supplier");
        labels.pair(DEALS, CONTACTS, DECIDER, Some(("Decision maker", "Decides on")), "decision_maker");
        labels.pair(BIKES, CONTACTS, RIDER, None, "bike_to_contact");
        labels.pair(BIKES, COMPANIES, DEALER, None, "bike_to_company");
        labels.pair(ODD_TICKETS, CONTACTS, SEATED, None, "tickets_to_contact");
        labels.pair(ODD_VENDORS, COMPANIES, VENDING, None, "Vendor_to_company");
        labels
    }

    fn pair(&mut self, from: Kind, to: Kind, ids: (u32, u32), words: Option<(&str, &str)>, name: &str) {
        let there = LinkType {
            from,
            to,
            id: ids.0,
            inverse: ids.1,
            category: Category::User,
            label: words.map(|w| w.0.to_owned()),
            name: Some(name.to_owned()),
        };
        let back = LinkType {
            from: to,
            to: from,
            id: ids.1,
            inverse: ids.0,
            label: words.map(|w| w.1.to_owned()),
            ..there.clone()
        };
        self.list.extend([there, back]);
    }

    /// Makes a label in both directions and answers both ids.
    pub(crate) fn make(
        &mut self,
        from: Kind,
        to: Kind,
        name: &str,
        label: &str,
        inverse: Option<&str>,
    ) -> (u32, u32) {
        let ids =
            if from == to && inverse.is_none() { (self.next, self.next) } else { (self.next, self.next + 1) };
        self.next += 2;
        self.pair(from, to, ids, Some((label, inverse.unwrap_or(label))), name);
        if ids.0 == ids.1 {
            self.list.pop();
        }
        ids
    }

    pub(crate) fn drop_pair(&mut self, from: Kind, to: Kind, id: u32, inverse: u32) {
        self.list.retain(|t| {
            (t.from, t.to, t.id) != (from, to, id) && (t.from, t.to, t.id) != (to, from, inverse)
        });
    }

    pub(crate) fn rename(&mut self, from: Kind, to: Kind, id: u32, label: &str) {
        if let Some(known) = self.list.iter_mut().find(|t| (t.from, t.to, t.id) == (from, to, id)) {
            known.label = Some(label.to_owned());
        }
    }

    /// All types from one object type to another.
    pub(crate) fn between(&self, from: Kind, to: Kind) -> impl Iterator<Item = &LinkType> {
        self.list.iter().filter(move |t| (t.from, t.to) == (from, to))
    }

    pub(crate) fn find(&self, from: Kind, to: Kind, id: u32) -> Option<&LinkType> {
        self.between(from, to).find(|t| t.id == id)
    }

    /// The plain type that a default link gets.
    pub(crate) fn plain(&self, from: Kind, to: Kind) -> Option<&LinkType> {
        self.between(from, to).find(|t| t.label.is_none())
    }

    /// The name older answers give a type: `contact_to_company`. Where there is a primary type, the name is its own, and
    /// the plain one is called unlabelled.
    pub(crate) fn old_name(&self, from: Kind, to: Kind, id: u32) -> String {
        let plain = format!("{}_to_{}", from.row().singular, to.row().singular);
        let Some(known) = self.find(from, to, id) else { return plain };
        match (&known.label, &known.name) {
            (None, _) if self.between(from, to).any(LinkType::is_primary) => format!("{plain}_unlabeled"),
            (Some(_), Some(name)) => name.clone(),
            (Some(label), None) if !known.is_primary() => {
                format!("{plain}_{}", label.to_lowercase().replace(' ', "_"))
            }
            _ => plain,
        }
    }

    pub(crate) fn by_old_name(&self, from: Kind, to: Kind, name: &str) -> Option<u32> {
        self.between(from, to).map(|t| t.id).find(|&id| self.old_name(from, to, id) == name)
    }
}
