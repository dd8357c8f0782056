//! Scopes: what each is for, and which of them a connection has. Deliberately absent: asking HubSpot.

use hubspot::catalog;
use store::Connection;

use crate::{
    core::Core,
    wire::{ScopeGroup, ScopeInfo, ScopeSets, ScopeStanding, Scopes, ScopesRequest, Standing, WireError},
};

struct Row {
    scope: &'static str,
    group: ScopeGroup,
    reason: &'static str,
}

const fn read(scope: &'static str, reason: &'static str) -> Row {
    Row { scope, group: ScopeGroup::Read, reason }
}

const fn optional(scope: &'static str, reason: &'static str) -> Row {
    Row { scope, group: ScopeGroup::Optional, reason }
}

/// Reading only: Portside asks for no write permission.
const ROWS: [Row; 32] = [
    read(
        "crm.objects.contacts.read",
        "Copy contacts, and the notes, calls, meetings and tasks that go with them.",
    ),
    read("crm.objects.companies.read", "Copy companies."),
    read("crm.objects.deals.read", "Copy deals."),
    read("crm.objects.owners.read", "Show who owns a record by name."),
    read("crm.schemas.contacts.read", "Know your own contact properties and their labels."),
    read("crm.schemas.companies.read", "Know your own company properties and their labels."),
    read("crm.schemas.deals.read", "Know your own deal properties, pipelines and stages."),
    optional("tickets", "Copy tickets (Service Hub)."),
    optional("sales-email-read", "Copy the content of sales e-mails."),
    optional("crm.objects.line_items.read", "Copy line items."),
    optional("crm.objects.products.read", "Copy products."),
    optional(
        "e-commerce",
        "Copy line items, products and quotes where HubSpot still wants this older permission.",
    ),
    optional("crm.objects.custom.read", "Copy your custom objects (Enterprise)."),
    optional("crm.schemas.custom.read", "Know which custom objects there are (Enterprise)."),
    optional("crm.objects.leads.read", "Copy leads (Sales Hub)."),
    optional("crm.objects.quotes.read", "Copy quotes."),
    optional("crm.objects.invoices.read", "Copy invoices."),
    optional("crm.objects.subscriptions.read", "Copy subscriptions."),
    optional("crm.objects.commercepayments.read", "Copy payments."),
    optional("crm.objects.orders.read", "Copy orders."),
    optional("crm.objects.carts.read", "Copy carts."),
    optional("crm.objects.goals.read", "Copy goals and their targets."),
    optional("crm.objects.feedback_submissions.read", "Copy answers to feedback surveys (Service Hub)."),
    optional("crm.objects.marketing_events.read", "Copy marketing events."),
    optional("crm.objects.services.read", "Copy services."),
    optional("crm.objects.courses.read", "Copy courses."),
    optional("crm.objects.listings.read", "Copy listings."),
    optional("crm.objects.appointments.read", "Copy appointments."),
    optional("crm.objects.projects.read", "Copy projects."),
    optional("crm.objects.users.read", "Know which HubSpot users there are."),
    optional("settings.users.read", "Show users' names and main teams."),
    optional("settings.users.teams.read", "Show teams."),
];

/// Every app that signs in needs it.
const OAUTH: &str = "oauth";

/// How an app is suggested to declare its scopes: the minimum set required, the others optional.
pub(crate) fn suggested() -> ScopeSets {
    let of = |group| {
        ROWS.iter().filter(|row| row.group == group).map(|row| row.scope.to_owned()).collect::<Vec<_>>()
    };
    let required = std::iter::once(OAUTH.to_owned()).chain(of(ScopeGroup::Read)).collect();
    ScopeSets { required, conditional: Vec::new(), optional: of(ScopeGroup::Optional) }
}

pub async fn scopes(_: &Core, _: ScopesRequest) -> Result<Scopes, WireError> {
    let scopes = ROWS
        .iter()
        .map(|row| ScopeInfo {
            scope: row.scope.to_owned(),
            group: row.group,
            reason: row.reason.to_owned(),
            objects: objects(row.scope),
        })
        .collect();
    Ok(Scopes { scopes })
}

/// What is known of every scope that has a use here.
pub(crate) fn standings(granted: Option<&[String]>) -> Vec<ScopeStanding> {
    let standing = |scope: &str| match granted {
        None => Standing::Unknown,
        Some(granted) if granted.iter().any(|has| has == scope) => Standing::Granted,
        Some(_) => Standing::Missing,
    };
    ROWS.iter()
        .map(|row| ScopeStanding {
            scope: row.scope.to_owned(),
            standing: standing(row.scope),
            reason: row.reason.to_owned(),
            objects: objects(row.scope),
        })
        .collect()
}

/// Labels of the record types that can be read with this scope.
fn objects(scope: &str) -> Vec<String> {
    let uses = |kind: &&catalog::ObjectKind| kind.scopes.iter().any(|set| set.contains(&scope));
    catalog::all().iter().filter(uses).map(|kind| kind.plural.clone()).collect()
}

/// Why a type is skipped, where more is known than that scopes are missing: they were asked for in the browser, and HubSpot
/// left them out without a word, as it does where the account lacks the tool (API.md 2.7).
pub(crate) fn why_skipped(connection: &Connection, missing: &[String]) -> Option<String> {
    let asked = connection.oauth.as_ref()?;
    let known = connection.granted_scopes.is_some() && !missing.is_empty();
    (known && missing.iter().all(|scope| asked.optional.contains(scope))).then(|| {
        format!(
            "Not in this account's plan, it seems: “{}” was asked for, and HubSpot left it out.",
            missing.join("”, “")
        )
    })
}

/// What a new grant has that the earlier one lacks, in the order of the list above.
pub(crate) fn gained(before: &[String], after: &[String]) -> Vec<String> {
    after.iter().filter(|scope| !before.contains(scope)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_that_a_record_type_needs_has_its_reason() {
        for kind in catalog::all() {
            for scope in kind.scopes.iter().copied().flatten() {
                assert!(ROWS.iter().any(|row| row.scope == *scope), "{scope} ({})", kind.plural);
            }
        }
    }

    #[test]
    fn nothing_that_writes_is_asked_for() {
        assert!(ROWS.iter().all(|row| row.scope.rsplit('.').next() != Some("write")));
    }

    #[test]
    fn without_an_answer_nothing_is_called_missing() {
        assert!(standings(None).iter().all(|row| row.standing == Standing::Unknown));
        let some = standings(Some(&["tickets".to_owned()]));
        let missing = some.iter().filter(|row| row.standing == Standing::Missing).count();
        assert_eq!(missing, some.len() - 1);
    }
}
