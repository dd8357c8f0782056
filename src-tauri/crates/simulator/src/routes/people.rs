//! Owners, users, teams and roles.
//!
//! Deliberately absent: provisioning users; nobody is ever added or removed.

use serde_json::{Value, json};

use super::wrong_method;
use crate::answer::{Answer, Refusal};
use crate::ask::Ask;
use crate::people::{self, PEOPLE, Person};
use crate::portal::Portal;

pub(crate) fn owners(portal: &Portal, rest: &[&str], ask: &Ask<'_>) -> Answer {
    if ask.method != "GET" {
        return wrong_method();
    }
    let archived = ask.query.is_true("archived");
    let left = &portal.read().left;
    let mut list: Vec<&Person> = PEOPLE.iter().filter(|p| p.is_archived(left) == archived).collect();
    list.sort_by_key(|p| p.owner_id);
    match rest {
        [] => {
            if let Some(email) = ask.query.get("email") {
                list.retain(|p| p.email().eq_ignore_ascii_case(&email));
            }
            let items = list.iter().map(|p| (p.owner_id, p.owner_json(left))).collect();
            paged(ask, items, 100, 500)
        }
        [id] => {
            let by_user = ask.query.get("idProperty").is_some_and(|p| p.eq_ignore_ascii_case("userId"));
            let id: u64 = id.parse().unwrap_or(0);
            let found = list.iter().find(|p| if by_user { p.has_user_id(id) } else { p.owner_id == id });
            found.map_or_else(|| Refusal::not_found().into(), |p| Answer::ok(&p.owner_json(left)))
        }
        _ => Refusal::not_found().into(),
    }
}

pub(crate) fn users(portal: &Portal, rest: &[&str], ask: &Ask<'_>) -> Answer {
    if ask.method != "GET" {
        return wrong_method();
    }
    let left = &portal.read().left;
    match rest {
        [] => {
            let mut list: Vec<(u64, Value)> =
                people::users(left).map(|p| (p.user_id, p.user_json())).collect();
            list.sort_by_key(|(id, _)| *id);
            paged(ask, list, 100, 500)
        }
        ["teams"] => Answer::results(people::teams(left)),
        ["roles"] => Answer::results(people::roles()),
        [id] => {
            let by_email = ask.query.get("idProperty").is_some_and(|p| p.eq_ignore_ascii_case("EMAIL"));
            let mut all = people::users(left);
            let found = all.find(|p| if by_email { p.email() == *id } else { id.parse() == Ok(p.user_id) });
            found.map_or_else(|| Refusal::not_found().into(), |p| Answer::ok(&p.user_json()))
        }
        _ => Refusal::not_found().into(),
    }
}

/// A page of items in ascending order, with the next one's id as the cursor.
fn paged(ask: &Ask<'_>, items: Vec<(u64, Value)>, default: usize, most: usize) -> Answer {
    let limit = match ask.query.get("limit").map(|l| l.parse::<usize>()) {
        None => default,
        Some(Ok(limit)) if (1..=most).contains(&limit) => limit,
        Some(_) => return Refusal::invalid("Invalid limit.").into(),
    };
    let after = ask.query.get("after").and_then(|a| a.parse::<u64>().ok()).unwrap_or(0);
    let mut rest = items.into_iter().filter(|(id, _)| *id >= after);
    let page: Vec<Value> = rest.by_ref().take(limit).map(|(_, item)| item).collect();
    let mut body = json!({"results": page});
    if let Some((next, _)) = rest.next() {
        let mut link = Vec::new();
        crate::records::list::write_link(ask, next, &mut link);
        body["paging"] = json!({"next": {"after": next.to_string(), "link": String::from_utf8_lossy(&link)}});
    }
    Answer::ok(&body)
}
