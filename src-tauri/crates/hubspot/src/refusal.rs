//! What HubSpot says when it refuses. Every field is optional in its answers, and texts may change at any time.

use std::{collections::BTreeMap, fmt};

use serde_json::Value;

use crate::Token;

/// A refusal, kept as it was said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusal {
    pub status: u16,
    pub category: Option<String>,
    pub sub_category: Option<String>,
    pub message: Option<String>,
    pub correlation_id: Option<String>,
    /// Which limit was hit (`DAILY`, `TEN_SECONDLY_ROLLING`, `SECONDLY`), on a 429.
    pub policy_name: Option<String>,
    pub errors: Vec<Detail>,
    pub context: BTreeMap<String, Vec<String>>,
}

/// One entry of a refusal's `errors`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Detail {
    pub message: Option<String>,
    pub code: Option<String>,
    pub context: BTreeMap<String, Vec<String>>,
}

/// Long messages embed whole JSON arrays; this much is enough to name the fault.
const TEXT_MAX: usize = 4_000;

impl Refusal {
    /// Reads an error body; one that is not JSON (an edge server's page) leaves everything but the status empty.
    pub fn read(status: u16, body: &[u8]) -> Refusal {
        let Ok(Value::Object(fields)) = serde_json::from_slice::<Value>(body) else {
            return Refusal { status, ..Refusal::default() };
        };
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(cut);
        let errors = fields.get("errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Refusal {
            status,
            category: text("category").or_else(|| text("errorType")),
            sub_category: fields.get("subCategory").filter(|value| !value.is_null()).map(shown),
            message: text("message"),
            correlation_id: text("correlationId"),
            policy_name: text("policyName"),
            errors: errors.iter().take(100).filter_map(Value::as_object).map(detail).collect(),
            context: fields.get("context").map(context).unwrap_or_default(),
        }
    }

    /// Scopes that the refusal names as missing.
    pub fn required_scopes(&self) -> Vec<String> {
        let named = |context: &BTreeMap<String, Vec<String>>| {
            ["requiredGranularScopes", "requiredScopes", "missingScopes"]
                .iter()
                .find_map(|key| context.get(*key).cloned())
                .unwrap_or_default()
        };
        let mut scopes = named(&self.context);
        for error in &self.errors {
            scopes.extend(named(&error.context));
        }
        scopes.sort();
        scopes.dedup();
        scopes
    }

    /// Properties that the refusal names.
    pub fn named_properties(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .errors
            .iter()
            .filter_map(|error| error.context.get("propertyName"))
            .flatten()
            .cloned()
            .collect();
        names.extend(self.context.get("propertyName").into_iter().flatten().cloned());
        // Older refusals carry a JSON array inside the message.
        let embedded = self.message.as_deref().and_then(|text| text.find('[').map(|at| &text[at..]));
        if let Some(Ok(faults)) = embedded.map(serde_json::from_str::<Vec<Value>>) {
            names.extend(faults.iter().filter_map(|fault| fault["name"].as_str().map(str::to_owned)));
        }
        names.sort();
        names.dedup();
        names
    }

    /// An answer may repeat the key that it refuses.
    pub(crate) fn without(mut self, token: &Token) -> Refusal {
        let hide = |text: &mut String| {
            if text.contains(token.expose()) {
                *text = text.replace(token.expose(), "…");
            }
        };
        if token.expose().is_empty() {
            return self;
        }
        let Refusal { category, sub_category, message, correlation_id, policy_name, errors, context, .. } =
            &mut self;
        let own = [category, sub_category, message, correlation_id, policy_name].into_iter().flatten();
        let contexts = context.values_mut().flatten();
        let details = errors.iter_mut().flat_map(|error| {
            let texts = [&mut error.message, &mut error.code].into_iter().flatten();
            texts.chain(error.context.values_mut().flatten())
        });
        own.chain(contexts).chain(details).for_each(hide);
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.status)?;
        if let Some(category) = &self.category {
            write!(f, ", {category}")?;
        }
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        Ok(())
    }
}

fn detail(fields: &serde_json::Map<String, Value>) -> Detail {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(cut);
    Detail {
        message: text("message"),
        code: text("code"),
        context: fields.get("context").map(context).unwrap_or_default(),
    }
}

/// `{"key": ["value"]}`; a bare value counts as a list of one.
pub(crate) fn context(value: &Value) -> BTreeMap<String, Vec<String>> {
    let Value::Object(fields) = value else { return BTreeMap::new() };
    let texts = |value: &Value| match value {
        Value::Array(values) => values.iter().take(2_000).map(shown).collect(),
        other => vec![shown(other)],
    };
    fields.iter().map(|(key, value)| (key.clone(), texts(value))).collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => cut(text),
        other => cut(&other.to_string()),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
