//! What goes back to a caller, and the refusals as HubSpot words them.
//!
//! Deliberately absent: deciding to refuse; that is done where the rule is.

use serde_json::{Map, Value, json};

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The limit a 429 is for.
    pub(crate) limit: Option<&'static str>,
}

pub(crate) const JSON: &str = "application/json;charset=utf-8";

impl Answer {
    pub(crate) fn bytes(status: u16, body: Vec<u8>) -> Answer {
        Answer { status, body, content_type: JSON, headers: Vec::new(), limit: None }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Answer {
        Answer::bytes(status, serde_json::to_vec(body).expect("a value serialises"))
    }

    pub(crate) fn ok(body: &Value) -> Answer {
        Answer::json(200, body)
    }

    pub(crate) fn empty(status: u16) -> Answer {
        Answer::bytes(status, Vec::new())
    }

    pub(crate) fn results(list: impl IntoIterator<Item = Value>) -> Answer {
        Answer::ok(&json!({"results": list.into_iter().collect::<Vec<_>>()}))
    }
}

/// A refusal under construction: the envelope, every field of which is optional.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    body: Map<String, Value>,
}

/// Stands for the correlation id until the answer leaves, when the server knows it.
pub(crate) const CORRELATION: &str = "00000000-0000-4000-8000-000000000000";

impl Refusal {
    pub(crate) fn new(status: u16, message: &str) -> Refusal {
        let mut body = Map::new();
        body.insert("status".to_owned(), json!("error"));
        body.insert("message".to_owned(), json!(message));
        body.insert("correlationId".to_owned(), json!(CORRELATION));
        Refusal { status, body }
    }

    pub(crate) fn message(&self) -> &str {
        self.body.get("message").and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn category(self, category: &str) -> Refusal {
        self.with("category", json!(category))
    }

    pub(crate) fn with(mut self, key: &str, value: Value) -> Refusal {
        self.body.insert(key.to_owned(), value);
        self
    }

    pub(crate) fn answer(self) -> Answer {
        Answer::json(self.status, &Value::Object(self.body))
    }

    /// 400 with the category of everything malformed.
    pub(crate) fn invalid(message: &str) -> Refusal {
        Refusal::new(400, message).category("VALIDATION_ERROR")
    }

    /// The 400 that says nothing.
    pub(crate) fn bare() -> Refusal {
        Refusal::new(400, "There was a problem with the request.")
    }

    pub(crate) fn not_found() -> Refusal {
        Refusal::new(404, "resource not found").category("OBJECT_NOT_FOUND")
    }

    pub(crate) fn missing_scopes(scopes: &[&str]) -> Refusal {
        Refusal::new(
            403,
            "This app hasn't been granted all required scopes to make this call. Read more about required scopes \
             here: https://developers.hubspot.com/scopes.",
        )
        .category("MISSING_SCOPES")
        .with(
            "errors",
            json!([{
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": scopes},
            }]),
        )
        .with("links", json!({"scopes": "https://developers.hubspot.com/scopes"}))
    }

    pub(crate) fn no_credentials() -> Refusal {
        Refusal::new(
            401,
            "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more \
             details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
        )
        .category("INVALID_AUTHENTICATION")
    }

    pub(crate) fn expired(hours: i64, at: &str) -> Refusal {
        Refusal::new(401, &format!("The OAuth token used to make this call expired {hours} hour(s) ago."))
            .category("EXPIRED_AUTHENTICATION")
            .with("context", json!({"expire time": [at]}))
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Answer {
        refusal.answer()
    }
}

/// An entry of a 207's `errors`.
pub(crate) fn batch_error(category: &str, message: &str, context: &Value) -> Value {
    json!({"status": "error", "category": category, "message": message, "context": context})
}
