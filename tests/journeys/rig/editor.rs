//! Somebody who works in the portal while it is copied, over the same API.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use serde_json::{Value, json};
use simulator::Simulator;

use super::http;

pub(crate) struct Editor<'a>(pub(crate) &'a Simulator);

impl Editor<'_> {
    pub(crate) async fn create(&self, object: &str, properties: Value) -> u64 {
        let made = self
            .ask("POST", &format!("/crm/objects/2026-03/{object}"), json!({ "properties": properties }))
            .await;
        made["id"].as_str().and_then(|id| id.parse().ok()).expect("a new record has an id")
    }

    pub(crate) async fn update(&self, object: &str, id: u64, properties: Value) {
        self.ask(
            "PATCH",
            &format!("/crm/objects/2026-03/{object}/{id}"),
            json!({ "properties": properties }),
        )
        .await;
    }

    pub(crate) async fn archive(&self, object: &str, id: u64) {
        self.ask("DELETE", &format!("/crm/objects/2026-03/{object}/{id}"), Value::Null).await;
    }

    /// As a data protection request asks for.
    pub(crate) async fn erase(&self, object: &str, id: u64) {
        self.ask(
            "POST",
            &format!("/crm/objects/2026-03/{object}/gdpr-delete"),
            json!({ "objectId": id.to_string() }),
        )
        .await;
    }

    pub(crate) async fn link(&self, (from, id): (&str, u64), (to, to_id): (&str, u64)) {
        let path = format!("/crm/objects/2026-03/{from}/{id}/associations/default/{to}/{to_id}");
        self.ask("PUT", &path, Value::Null).await;
    }

    pub(crate) async fn unlink(&self, (from, id): (&str, u64), (to, to_id): (&str, u64)) {
        let path = format!("/crm/objects/2026-03/{from}/{id}/associations/{to}/{to_id}");
        self.ask("DELETE", &path, Value::Null).await;
    }

    pub(crate) async fn define(&self, object: &str, name: &str, label: &str) {
        let group = self.ask("GET", &format!("/crm/properties/2026-03/{object}"), Value::Null).await;
        let group = group["results"][0]["groupName"].clone();
        let property = json!({ "name": name, "label": label, "type": "string", "fieldType": "text", "groupName": group });
        self.ask("POST", &format!("/crm/properties/2026-03/{object}"), property).await;
    }

    async fn ask(&self, method: &str, path: &str, body: Value) -> Value {
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", self.0.address().to_string())
            .header("authorization", format!("Bearer {}", self.0.token()))
            .header("content-type", "application/json")
            .body(Full::new(body))
            .expect("a request");
        let answer = http::send(self.0.address(), request).await;
        assert!(answer.status().is_success(), "{method} {path}: {} {}", answer.status(), answer.body());
        if answer.body().is_empty() {
            Value::Null
        } else {
            serde_json::from_str(answer.body()).expect("JSON")
        }
    }
}
