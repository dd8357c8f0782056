//! The people who work in the portal: owners, users, teams and roles.
//!
//! Deliberately absent: the people the portal knows about; those are the world's contacts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::definitions::generator::StaffPart;

/// The address of the firm that the portal belongs to.
pub(crate) const DOMAIN: &str = "norrskencycles.example";

pub(crate) struct Person {
    pub(crate) owner_id: u64,
    pub(crate) user_id: u64,
    given: &'static str,
    family: &'static str,
    email: &'static str,
    team: usize,
    kind: Owner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Active,
    /// Left: the owner is archived and its user gone.
    Left,
    Queue,
}

const fn person(
    owner_id: u64,
    user_id: u64,
    given: &'static str,
    family: &'static str,
    email: &'static str,
    team: usize,
    kind: Owner,
) -> Person {
    Person { owner_id, user_id, given, family, email, team, kind }
}

use Owner::{Active, Left, Queue};

/// In new accounts an owner has its user's number; the first three came before that.
pub(crate) static PEOPLE: &[Person] = &[
    person(41_629_779, 9_586_504, "Kaja", "Dietrich", "kaja.dietrich@norrskencycles.example", 1, Active),
    person(41_629_802, 9_586_511, "Sixten", "Granath", "sixten.granath@norrskencycles.example", 0, Active),
    person(
        41_630_114,
        9_586_820,
        "Aurélien",
        "Pédalier",
        "aurelien.pedalier@norrskencycles.example",
        2,
        Active,
    ),
    person(75_112_301, 75_112_301, "Tove", "Sjöholm", "tove.sjoholm@norrskencycles.example", 0, Active),
    person(75_112_344, 75_112_344, "Ingeborg", "Tveit", "ingeborg.tveit@norrskencycles.example", 0, Active),
    person(
        75_113_090,
        75_113_090,
        "Lüder",
        "Zahnkranz",
        "lueder.zahnkranz@norrskencycles.example",
        1,
        Active,
    ),
    person(75_120_667, 75_120_667, "Fiammetta", "Raggi", "fiammetta.raggi@norrskencycles.example", 2, Active),
    person(
        75_131_208,
        75_131_208,
        "Harriet",
        "Wheelhouse",
        "harriet.wheelhouse@norrskencycles.example",
        3,
        Active,
    ),
    person(75_140_020, 75_140_020, "Łukasz", "Szprycha", "lukasz.szprycha@norrskencycles.example", 1, Active),
    person(75_149_511, 75_149_511, "Ayşe", "Zincirci", "ayse.zincirci@norrskencycles.example", 3, Active),
    person(75_150_876, 75_150_876, "Oisín", "Wheelan", "oisin.wheelan@norrskencycles.example", 3, Active),
    person(75_163_402, 75_163_402, "", "", "service@norrskencycles.example", 3, Queue),
    person(41_629_655, 9_586_333, "Detlef", "Tretlager", "detlef.tretlager@norrskencycles.example", 1, Left),
    person(75_112_950, 75_112_950, "Signe", "Østerby", "signe.osterby@norrskencycles.example", 0, Left),
];

/// Id and name.
pub(crate) static TEAMS: &[(u64, &str)] =
    &[(56_120_001, "Nordics"), (56_120_002, "DACH & East"), (56_120_003, "South"), (56_120_004, "Service")];

const MADE: &str = "2021-11-22T08:14:05.12Z";

impl Person {
    /// Whether the person has left: before the start, or since (`left`, with whether the name was cleared).
    pub(crate) fn is_archived(&self, left: &BTreeMap<u64, bool>) -> bool {
        self.kind == Left || left.contains_key(&self.owner_id)
    }

    pub(crate) fn has_user_id(&self, id: u64) -> bool {
        self.user_id == id
    }

    pub(crate) fn told(&self, part: StaffPart) -> String {
        match part {
            StaffPart::Address => self.email.to_owned(),
            StaffPart::Given => self.given.to_owned(),
            StaffPart::Family => self.family.to_owned(),
            StaffPart::User => self.user_id.to_string(),
        }
    }

    pub(crate) fn email(&self) -> &'static str {
        self.email
    }

    pub(crate) fn team_id(&self) -> u64 {
        TEAMS[self.team].0
    }

    pub(crate) fn owner_json(&self, left: &BTreeMap<u64, bool>) -> Value {
        let mut owner = json!({
            "id": self.owner_id.to_string(),
            "email": self.email,
            "type": if self.kind == Queue { "QUEUE" } else { "PERSON" },
            "firstName": self.given,
            "lastName": self.family,
            "userId": self.user_id,
            "userIdIncludingInactive": self.user_id,
            "createdAt": MADE,
            "updatedAt": "2026-09-30T12:02:11.9Z",
            "archived": self.is_archived(left),
        });
        if left.get(&self.owner_id) == Some(&true) {
            owner["firstName"] = json!("");
            owner["lastName"] = json!("");
        }
        if self.is_archived(left) {
            owner["userId"] = Value::Null;
        } else {
            let (id, name) = TEAMS[self.team];
            owner["teams"] = json!([{"id": id.to_string(), "name": name, "primary": true}]);
        }
        owner
    }

    pub(crate) fn user_json(&self) -> Value {
        json!({
            "id": self.user_id.to_string(),
            "email": self.email,
            "firstName": self.given,
            "lastName": self.family,
            "roleIds": ["184220"],
            "roleId": "184220",
            "primaryTeamId": self.team_id().to_string(),
            "secondaryTeamIds": [],
            "superAdmin": self.owner_id == installer().owner_id,
        })
    }
}

/// Who made the key and lets apps in: the super admin.
pub(crate) fn installer() -> &'static Person {
    &PEOPLE[0]
}

/// Everybody who can sign in.
pub(crate) fn users(left: &BTreeMap<u64, bool>) -> impl Iterator<Item = &'static Person> {
    PEOPLE.iter().filter(|p| p.kind == Active && !p.is_archived(left))
}

pub(crate) fn teams(left: &BTreeMap<u64, bool>) -> Vec<Value> {
    let team = |(index, &(id, name)): (usize, &(u64, &str))| {
        let members: Vec<String> =
            users(left).filter(|p| p.team == index).map(|p| p.user_id.to_string()).collect();
        json!({"id": id.to_string(), "name": name, "userIds": members, "secondaryUserIds": []})
    };
    TEAMS.iter().enumerate().map(team).collect()
}

pub(crate) fn roles() -> Vec<Value> {
    vec![
        json!({"id": "184220", "name": "Sales", "requiresBillingWrite": false}),
        json!({"id": "184221", "name": "Service", "requiresBillingWrite": false}),
    ]
}
