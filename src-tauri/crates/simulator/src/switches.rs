//! What HubSpot's documents leave open, each as a switch, and the list of those questions.
//!
//! The defaults are what the material we hold makes most likely. Deliberately absent: troubles that are no matter of
//! belief (`faults`), and the size of things (`config`).

use serde::{Deserialize, Serialize};

/// One belief about HubSpot per field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// What a list does with an `after` that no page returned.
    pub list_after: ListAfter,
    /// Search reports no more than 10,000 as its total.
    pub search_total_capped: bool,
    /// Search bodies longer than this are refused with 400.
    pub search_body_max: Option<usize>,
    /// How search compares and sorts `hs_object_id`.
    pub search_id_order: IdOrder,
    /// What the refusal of `after` + `limit` over 10,000 says.
    pub search_cap_body: CapBody,
    /// What the 429 of search says.
    pub search_429: Search429,
    /// Search answers carry the daily pair of headers.
    pub search_daily_headers: bool,
    /// A filter on a property that does not exist finds nothing, or is refused.
    pub search_unknown_property: UnknownFilter,
    /// Search answers some pages short, or empty, with a cursor.
    pub search_short_pages: bool,
    /// Search swaps two neighbours on some pages.
    pub search_swaps: bool,
    /// Search takes bounds on the last-modified stamp for so many milliseconds wider than they were asked.
    pub search_slack_millis: u64,
    /// Milliseconds until a change is found by search.
    pub search_lag_millis: u64,
    /// `NEQ` and `NOT_IN` find records that have no value.
    pub neq_finds_missing: bool,
    /// Types (plural names) whose archived records cannot be listed.
    pub archived_list_refused: Vec<String>,
    /// What a second DELETE of one record answers.
    pub delete_twice: DeleteTwice,
    /// An unknown property in a PATCH of an engagement is ignored, not refused.
    pub engagement_unknown_ignored: bool,
    /// Types (plural names) whose last-modified stamp moves when a link changes.
    pub association_moves_stamp: Vec<String>,
    /// A restored record gets a new last-modified stamp.
    pub restore_moves_stamp: bool,
    /// The record that a merge leaves behind.
    pub merge_survivor: MergeSurvivor,
    /// A batch read of an id that was merged away answers the record it went into.
    pub batch_read_resolves_merged: bool,
    /// Targets in one page of one record's links.
    pub association_page: usize,
    /// Inputs in one batch read of links.
    pub association_read_max: usize,
    /// Inputs in one batch write of links.
    pub association_write_max: usize,
    /// Association calls are counted in the general pool.
    pub association_shares_pool: bool,
    /// Association answers carry the interval headers of their pool.
    pub association_headers: bool,
    /// A default link is answered with both directions.
    pub default_link_both_ways: bool,
    /// `2026-09` serves the link list and the labels.
    pub links_in_2026_09: bool,
    /// What introspection of an unknown token answers.
    pub introspection_error: IntrospectionError,
    /// Introspection wants the bearer header too.
    pub introspection_bearer: bool,
    /// Longest URL (path and query) in characters; longer ones get a 414.
    pub url_max: usize,
    /// Seconds in the `Retry-After` of a 429 for the burst and search limits; normally there is none.
    pub retry_after_on_429: Option<u64>,
    /// A stage or pipeline in use can be deleted on versions before 2026-09.
    pub stage_in_use_deletable: bool,
    /// How a redirect address is compared with the registered ones.
    pub redirect_match: RedirectMatch,
    /// A code whose request carried a challenge is not exchanged without the verifier.
    pub pkce_enforced: bool,
    /// What happens when a person does not let an app in.
    pub denial: Denial,
    /// How long a code can be exchanged.
    pub authorization_code_seconds: u64,
    /// Whether a refresh brings a new refresh token.
    pub refresh_token_rotates: RefreshRotation,
    /// The answer with tokens says for which hub and with which scopes.
    pub token_answer_names_hub: bool,
    /// The token of an introspection or revocation is read from `access_token` or `refresh_token`, as the hint says.
    pub token_field_by_hint: bool,
    /// A revoked access token ends at once.
    pub revoked_access_token_dies: bool,
    /// What an app's living access token meets after the app was uninstalled.
    pub uninstalled_token: UninstalledToken,
    /// Whose limits hold for an app that is privately distributed.
    pub private_app_limits: PrivateAppLimits,
    /// The members of an OAuth refusal.
    pub oauth_error_shape: OauthErrorShape,
    /// OAuth refusals whose texts nobody has seen carry likely ones; otherwise their status again.
    pub oauth_unseen_texts: bool,
    /// `BAD_HUB` comes with 403, as older reports have it.
    pub bad_hub_forbidden: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListAfter {
    /// Starts at the first record that is not below it.
    AnyId,
    /// 400.
    Refused,
    /// Starts at the first record of all.
    FromStart,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdOrder {
    Numeric,
    /// As text: `9` after `10`.
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapBody {
    /// The bare "There was a problem with the request."
    Bare,
    /// With category `VALIDATION_ERROR`.
    Validation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Search429 {
    /// `errorType` and `policyName`, as in later community posts.
    PolicyName,
    /// `category: RATE_LIMITS`, as recorded in 2021 and 2022.
    Category,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownFilter {
    FindsNothing,
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeleteTwice {
    NoContent,
    NotFound,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeSurvivor {
    /// A new one with an id of its own.
    NewRecord,
    /// The one that was named as primary, as in former years.
    Primary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntrospectionError {
    NotFound,
    Unauthorized,
    BadRequest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedirectMatch {
    Exact,
    /// On `localhost`, any port will do.
    AnyLocalPort,
    /// What is registered is a beginning.
    Prefix,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denial {
    /// The browser is sent back with `error=access_denied`.
    Redirect,
    /// Nothing is sent anywhere.
    Silent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshRotation {
    /// It stays the same.
    Never,
    /// A new one every time; those before keep working.
    OldStays,
    /// A new one every time; the one before is dead.
    OldDies,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UninstalledToken {
    /// 401 `INVALID_AUTHENTICATION`.
    Invalid,
    /// 401 `EXPIRED_AUTHENTICATION`.
    Expired,
    /// It works until it expires.
    Works,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivateAppLimits {
    /// Those of any app, without the daily pair of headers.
    App,
    /// The plan's, as for keys, with a share in the day's calls.
    Key,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OauthErrorShape {
    /// `error`, `error_description`, `status`, `message`.
    Documented,
    /// `status`, `message`, `correlationId`.
    Older,
}

impl Default for Switches {
    fn default() -> Switches {
        Switches {
            list_after: ListAfter::AnyId,
            search_total_capped: false,
            search_body_max: None,
            search_id_order: IdOrder::Numeric,
            search_cap_body: CapBody::Bare,
            search_429: Search429::PolicyName,
            search_daily_headers: false,
            search_unknown_property: UnknownFilter::FindsNothing,
            search_short_pages: false,
            search_swaps: false,
            search_slack_millis: 0,
            search_lag_millis: 0,
            neq_finds_missing: false,
            archived_list_refused: Vec::new(),
            delete_twice: DeleteTwice::NoContent,
            engagement_unknown_ignored: false,
            association_moves_stamp: Vec::new(),
            restore_moves_stamp: true,
            merge_survivor: MergeSurvivor::NewRecord,
            batch_read_resolves_merged: true,
            association_page: 500,
            association_read_max: 1_000,
            association_write_max: 2_000,
            association_shares_pool: false,
            association_headers: false,
            default_link_both_ways: true,
            links_in_2026_09: true,
            introspection_error: IntrospectionError::NotFound,
            introspection_bearer: true,
            url_max: 16_000,
            retry_after_on_429: None,
            stage_in_use_deletable: false,
            redirect_match: RedirectMatch::Exact,
            pkce_enforced: true,
            denial: Denial::Redirect,
            authorization_code_seconds: 60,
            refresh_token_rotates: RefreshRotation::Never,
            token_answer_names_hub: true,
            token_field_by_hint: false,
            revoked_access_token_dies: true,
            uninstalled_token: UninstalledToken::Invalid,
            private_app_limits: PrivateAppLimits::App,
            oauth_error_shape: OauthErrorShape::Documented,
            oauth_unseen_texts: true,
            bad_hub_forbidden: false,
        }
    }
}

/// One open question, and what the simulator does about it.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    pub asked: &'static str,
    /// The fields of [`Switches`] that answer it, or why there is none.
    pub held: Held,
}

#[derive(Debug, Clone, Copy)]
pub enum Held {
    Switched(&'static [&'static str]),
    /// Why no switch applies.
    Without(&'static str),
}

use Held::{Switched, Without};

const fn question(asked: &'static str, held: Held) -> Question {
    Question { asked, held }
}

/// Every open question of the API reference, first those of its closing list in its order, then those of its text.
pub const QUESTIONS: &[Question] = &[
    question("Loopback port wildcard, exact match", Switched(&["redirect_match"])),
    question("PKCE on ordinary apps", Switched(&["pkce_enforced"])),
    question(
        "Body of the search 10k and 3,000-character errors",
        Switched(&["search_cap_body", "search_body_max"]),
    ),
    question("Current search 429 body and headers", Switched(&["search_429", "search_daily_headers"])),
    question("2026-09 route list for associations and labels", Switched(&["links_in_2026_09"])),
    question(
        "Service-key prefix and introspection error body",
        Switched(&["introspection_error", "introspection_bearer"]),
    ),
    question(
        "Private-distribution OAuth app: 110 or tier limits, Daily headers",
        Switched(&["private_app_limits"]),
    ),
    question(
        "What a live access token answers after the app is uninstalled",
        Switched(&["uninstalled_token"]),
    ),
    question(
        "Archived listing for every object, DELETE twice, unknown property on engagement PATCH",
        Switched(&["archived_list_refused", "delete_twice", "engagement_unknown_ignored"]),
    ),
    question(
        "Whether association changes move the last-modified stamp, per type",
        Switched(&["association_moves_stamp"]),
    ),
    question(
        "Daily limit Pro 625k or 650k",
        Without("`Limits::daily` takes any number; `Tier::Professional` says 625,000"),
    ),
    question("List `after` takes any id", Switched(&["list_after"])),
    question("Search `total` exact above 10,000", Switched(&["search_total_capped"])),
    question("Batch read resolves merged-away ids", Switched(&["batch_read_resolves_merged"])),
    question("A restore moves the last-modified stamp", Switched(&["restore_moves_stamp"])),
    question("Search bodies over 3,000 characters refused", Switched(&["search_body_max"])),
    question("Whether a merge makes a new record", Switched(&["merge_survivor"])),
    question(
        "Merging a record that was merged away",
        Without("it stands for the record it went into, as in a single read or change"),
    ),
    question("Order of `hs_object_id`: as numbers or as text", Switched(&["search_id_order"])),
    question("A filter on a property the object does not have", Switched(&["search_unknown_property"])),
    question("NEQ and NOT_IN on missing values", Switched(&["neq_finds_missing"])),
    question(
        "Pages of search: short, empty, out of order",
        Switched(&["search_short_pages", "search_swaps"]),
    ),
    question("Results a fraction outside the asked stamps", Switched(&["search_slack_millis"])),
    question("How long search lags behind", Switched(&["search_lag_millis"])),
    question("Targets in one page of links", Switched(&["association_page"])),
    question(
        "Inputs in an association batch: 100, 1,000, 2,000",
        Switched(&["association_read_max", "association_write_max"]),
    ),
    question(
        "Whether associations really have their own pool, and its headers",
        Switched(&["association_shares_pool", "association_headers"]),
    ),
    question("Number of entries in the answer to a default link", Switched(&["default_link_both_ways"])),
    question("Longest URL before a 414", Switched(&["url_max"])),
    question("Retry-After on a 429", Switched(&["retry_after_on_429"])),
    question("Deleting a stage in use before 2026-09", Switched(&["stage_in_use_deletable"])),
    question("Scopes on generic object paths", Without("checked per object type, the stricter reading")),
    question("Whether a refused request to connect comes back to the app", Switched(&["denial"])),
    question(
        "Whether an exchange that fails spends the code",
        Without("it does, if the app's id and secret are right: the stricter reading"),
    ),
    question(
        "Whether connecting again ends the refresh tokens of before",
        Without("they stay; a client uses the newest, and must not need the others to end"),
    ),
    question("How long an authorization code lives", Switched(&["authorization_code_seconds"])),
    question("Whether a refresh token ever changes", Switched(&["refresh_token_rotates"])),
    question("Whether every token answer names hub and scopes", Switched(&["token_answer_names_hub"])),
    question("The member that carries the token to introspect or revoke", Switched(&["token_field_by_hint"])),
    question("What revoking an access token does", Switched(&["revoked_access_token_dies"])),
    question("Which OAuth errors still have the older shape", Switched(&["oauth_error_shape"])),
    question(
        "Texts of OAuth refusals; the status of `BAD_HUB`",
        Switched(&["oauth_unseen_texts", "bad_hub_forbidden"]),
    ),
    question("Creating leads", Without("a lead needs a name; a contact linked with it is not demanded")),
    question(
        "Full list of property error codes",
        Without("a client must not need it: it matches on categories"),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_switch_answers_a_listed_question_and_every_listed_switch_exists() {
        let value = serde_json::to_value(Switches::default()).unwrap();
        let fields: BTreeSet<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        let mut listed = BTreeSet::new();
        for question in QUESTIONS {
            match question.held {
                Switched(names) => listed.extend(names.iter().copied()),
                Without(reason) => assert!(!reason.is_empty(), "{} has no reason", question.asked),
            }
        }
        assert_eq!(fields, listed);
    }

    #[test]
    fn the_sixteen_questions_of_the_closing_list_come_first() {
        assert_eq!(QUESTIONS[15].asked, "Search bodies over 3,000 characters refused");
        let asked: BTreeSet<&str> = QUESTIONS.iter().map(|q| q.asked).collect();
        assert_eq!(asked.len(), QUESTIONS.len());
    }
}
