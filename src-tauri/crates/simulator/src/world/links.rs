//! The links of the untouched world: which layers there are, and the types their links carry.
//!
//! Deliberately absent: changes; those lie on top, in `edits`.

use super::extent::Extent;
use super::layers::{Layer, Spread};
use crate::catalog::{
    BIKES, CALLS, COMMUNICATIONS, COMPANIES, CONTACTS, DEALS, EMAILS, FEEDBACK_SUBMISSIONS, GOAL_TARGETS,
    KIND_COUNT, Kind, LEADS, LINE_ITEMS, MEETINGS, NOTES, ODD_TICKETS, ODD_VENDORS, POSTAL_MAIL, QUOTES,
    TASKS, TICKETS,
};
use crate::noise;

/// How one layer of links is dealt out: members to groups, with the type ids of both directions.
struct LayerRow {
    member: Kind,
    group: Kind,
    per_mille: u64,
    spread: Spread,
    up: &'static [u32],
    down: &'static [u32],
}

const fn row(
    member: Kind,
    group: Kind,
    per_mille: u64,
    spread: Spread,
    up: &'static [u32],
    down: &'static [u32],
) -> LayerRow {
    LayerRow { member, group, per_mille, spread, up, down }
}

use Spread::{Even, Skewed};

/// The portal's own labels: their ids, and the words.
pub(crate) const SUPPLIER: (u32, u32) = (41, 42);
pub(crate) const DECIDER: (u32, u32) = (43, 44);
pub(crate) const RIDER: (u32, u32) = (45, 46);
pub(crate) const DEALER: (u32, u32) = (47, 48);
pub(crate) const SEATED: (u32, u32) = (31, 32);
pub(crate) const VENDING: (u32, u32) = (33, 34);

static LAYERS: &[LayerRow] = &[
    row(CONTACTS, COMPANIES, 920, Skewed, &[279, 1], &[280, 2]),
    row(CONTACTS, COMPANIES, 60, Even, &[279], &[280]),
    row(CONTACTS, COMPANIES, 25, Even, &[279, SUPPLIER.0], &[280, SUPPLIER.1]),
    row(DEALS, COMPANIES, 880, Skewed, &[341, 5], &[342, 6]),
    row(DEALS, CONTACTS, 850, Even, &[3], &[4]),
    row(DEALS, CONTACTS, 240, Even, &[3, DECIDER.0], &[4, DECIDER.1]),
    row(TICKETS, CONTACTS, 930, Even, &[16], &[15]),
    row(TICKETS, COMPANIES, 780, Skewed, &[339, 26], &[340, 25]),
    row(TICKETS, DEALS, 150, Even, &[28], &[27]),
    row(LINE_ITEMS, DEALS, 960, Even, &[20], &[19]),
    row(NOTES, CONTACTS, 820, Even, &[202], &[201]),
    row(NOTES, COMPANIES, 430, Skewed, &[190], &[189]),
    row(NOTES, DEALS, 260, Even, &[214], &[213]),
    row(NOTES, TICKETS, 90, Even, &[228], &[227]),
    row(CALLS, CONTACTS, 940, Even, &[194], &[193]),
    row(CALLS, COMPANIES, 510, Skewed, &[182], &[181]),
    row(CALLS, DEALS, 180, Even, &[206], &[205]),
    row(EMAILS, CONTACTS, 970, Even, &[198], &[197]),
    row(EMAILS, COMPANIES, 560, Skewed, &[186], &[185]),
    row(EMAILS, DEALS, 210, Even, &[210], &[209]),
    row(EMAILS, TICKETS, 120, Even, &[224], &[223]),
    row(MEETINGS, CONTACTS, 950, Even, &[200], &[199]),
    row(MEETINGS, COMPANIES, 600, Skewed, &[188], &[187]),
    row(MEETINGS, DEALS, 330, Even, &[212], &[211]),
    row(TASKS, CONTACTS, 700, Even, &[204], &[203]),
    row(TASKS, COMPANIES, 240, Skewed, &[192], &[191]),
    row(TASKS, DEALS, 310, Even, &[216], &[215]),
    row(TASKS, TICKETS, 80, Even, &[230], &[229]),
    row(COMPANIES, COMPANIES, 70, Skewed, &[14], &[13]),
    row(CONTACTS, CONTACTS, 15, Even, &[449], &[449]),
    row(BIKES, CONTACTS, 760, Even, &[RIDER.0], &[RIDER.1]),
    row(BIKES, COMPANIES, 640, Skewed, &[DEALER.0], &[DEALER.1]),
    row(LEADS, CONTACTS, 950, Even, &[608], &[609]),
    row(LEADS, COMPANIES, 700, Even, &[610], &[611]),
    row(LEADS, DEALS, 300, Even, &[1_037, 582], &[1_038, 583]),
    row(QUOTES, DEALS, 960, Even, &[64], &[63]),
    row(QUOTES, CONTACTS, 900, Even, &[69, 702], &[70, 703]),
    row(QUOTES, COMPANIES, 800, Even, &[71], &[72]),
    row(LINE_ITEMS, QUOTES, 40, Even, &[68], &[67]),
    row(COMMUNICATIONS, CONTACTS, 970, Even, &[81], &[82]),
    row(COMMUNICATIONS, TICKETS, 200, Even, &[83], &[84]),
    row(COMMUNICATIONS, LEADS, 150, Even, &[603], &[602]),
    row(POSTAL_MAIL, CONTACTS, 900, Even, &[453], &[454]),
    row(POSTAL_MAIL, COMPANIES, 500, Even, &[459], &[460]),
    row(GOAL_TARGETS, DEALS, 400, Even, &[1_356], &[1_357]),
    row(FEEDBACK_SUBMISSIONS, CONTACTS, 980, Even, &[98], &[97]),
    row(FEEDBACK_SUBMISSIONS, TICKETS, 500, Even, &[100], &[99]),
    row(ODD_TICKETS, CONTACTS, 800, Even, &[SEATED.0], &[SEATED.1]),
    row(ODD_VENDORS, COMPANIES, 800, Even, &[VENDING.0], &[VENDING.1]),
];

/// The types one link carries, as their ids; a link never carries many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct TypeSet {
    ids: [u32; 8],
    len: u8,
}

impl TypeSet {
    pub(crate) fn of(ids: &[u32]) -> TypeSet {
        let mut set = TypeSet::default();
        for &id in ids {
            set.insert(id);
        }
        set
    }

    /// Adds a type; a ninth is left out, which no portal comes near.
    pub(crate) fn insert(&mut self, id: u32) {
        let len = usize::from(self.len);
        if !self.ids().contains(&id) && len < self.ids.len() {
            self.ids[len] = id;
            self.len += 1;
        }
    }

    pub(crate) fn remove(&mut self, id: u32) {
        let kept: Vec<u32> = self.ids().iter().copied().filter(|&have| have != id).collect();
        *self = TypeSet::of(&kept);
    }

    pub(crate) fn ids(&self) -> &[u32] {
        &self.ids[..usize::from(self.len)]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }
}

#[derive(Debug)]
pub(crate) struct Links {
    layers: Vec<Layer>,
}

impl Links {
    pub(crate) fn new(extents: &[Extent; KIND_COUNT], seed: u64) -> Links {
        let layer = |(index, row): (usize, &LayerRow)| {
            let (members, groups) = (extents[row.member.index()].live, extents[row.group.index()].live);
            Layer::new(members, groups, row.per_mille, row.spread, noise::at(seed, 900 + index as u64))
        };
        Links { layers: LAYERS.iter().enumerate().map(layer).collect() }
    }

    /// Whether any two records of these types are ever linked in the untouched world.
    pub(crate) fn ever(from: Kind, to: Kind) -> bool {
        LAYERS.iter().any(|r| (r.member, r.group) == (from, to) || (r.group, r.member) == (from, to))
    }

    /// The seats a seat is linked to, ascending, each with its types in this direction.
    pub(crate) fn of(&self, from: Kind, seat: u64, to: Kind, found: &mut Vec<(u64, TypeSet)>) {
        for (row, layer) in LAYERS.iter().zip(&self.layers) {
            if row.member == from
                && row.group == to
                && let Some((group, _)) = layer.group_of(seat)
            {
                found.push((group, TypeSet::of(row.up)));
            }
            if row.group == from && row.member == to {
                let types = TypeSet::of(row.down);
                found.extend(layer.members_of(seat).map(|member| (member, types)));
            }
        }
        if from == to {
            found.retain(|&(other, _)| other != seat);
        }
        found.sort_by_key(|&(seat, _)| seat);
        found.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                later.1.ids().iter().for_each(|&id| kept.1.insert(id));
            }
            same
        });
    }

    /// The main group of a member (a contact's firm, a deal's firm, …) and the member's place in it.
    pub(crate) fn main(&self, member: Kind, group: Kind, seat: u64) -> Option<(u64, u64)> {
        let at = LAYERS.iter().position(|r| (r.member, r.group) == (member, group))?;
        self.layers[at].group_of(seat)
    }

    /// How many members of a type a group has, second links to the same record counted again.
    pub(crate) fn count(&self, group: Kind, member: Kind, seat: u64) -> u64 {
        let rows = LAYERS.iter().zip(&self.layers);
        rows.filter(|(r, _)| (r.member, r.group) == (member, group)).map(|(_, l)| l.size_of(seat)).sum()
    }
}
