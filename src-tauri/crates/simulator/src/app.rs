//! Apps: what a developer has set up at HubSpot, and what each may ask for.
//!
//! Deliberately absent: who let an app in, and its tokens (`oauth`).

use std::{fmt, io};

use crate::secret;

/// An app that an account can be connected to. The account of this portal can connect each once.
#[derive(Clone)]
pub struct App {
    /// What the account's owner sees on the page that asks.
    pub name: String,
    pub client_id: String,
    pub client_secret: String,
    /// Where the browser may be sent back to.
    pub redirect_uris: Vec<String>,
    /// Must be asked for in `scope`, beside `oauth`.
    pub required_scopes: Vec<String>,
    /// May be asked for, in `scope` only.
    pub conditional_scopes: Vec<String>,
    /// May be asked for, in `optional_scope` only; dropped silently where the account lacks what they are for.
    pub optional_scopes: Vec<String>,
    pub distribution: Distribution,
}

/// Whom an app is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    Marketplace,
    /// A few accounts that its developer lists.
    Private,
}

const READER_REQUIRED: [&str; 8] = [
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.companies.read",
    "crm.objects.deals.read",
    "crm.objects.owners.read",
    "crm.schemas.contacts.read",
    "crm.schemas.companies.read",
    "crm.schemas.deals.read",
];
const READER_OPTIONAL: [&str; 27] = [
    "tickets",
    "sales-email-read",
    "e-commerce",
    "crm.objects.line_items.read",
    "crm.objects.products.read",
    "crm.objects.custom.read",
    "crm.objects.users.read",
    "crm.objects.leads.read",
    "crm.objects.quotes.read",
    "crm.objects.invoices.read",
    "crm.objects.subscriptions.read",
    "crm.objects.commercepayments.read",
    "crm.objects.orders.read",
    "crm.objects.carts.read",
    "crm.objects.goals.read",
    "crm.objects.feedback_submissions.read",
    "crm.objects.marketing_events.read",
    "crm.objects.services.read",
    "crm.objects.courses.read",
    "crm.objects.listings.read",
    "crm.objects.appointments.read",
    "crm.objects.projects.read",
    "crm.schemas.line_items.read",
    "crm.schemas.products.read",
    "crm.schemas.custom.read",
    "settings.users.read",
    "settings.users.teams.read",
];

impl App {
    /// A private app that reads, with an id and a secret of its own.
    pub fn reader(redirect_uris: &[&str]) -> io::Result<App> {
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        Ok(App {
            name: "Reader".to_owned(),
            client_id: secret::uuid()?,
            client_secret: secret::uuid()?,
            redirect_uris: owned(redirect_uris),
            required_scopes: owned(&READER_REQUIRED),
            conditional_scopes: Vec::new(),
            optional_scopes: owned(&READER_OPTIONAL),
            distribution: Distribution::Private,
        })
    }
}

// A derived one would print the secret.
impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("name", &self.name)
            .field("client_id", &self.client_id)
            .field("redirect_uris", &self.redirect_uris)
            .finish_non_exhaustive()
    }
}
