//! Property definitions.

use bytes::Bytes;
use crm::{PropertyDefinition, PropertyGroup, PropertyName, PropertyOption, Sensitivity};
use serde::Deserialize;

use super::{Listed, lenient, parse, scalar};
use crate::{ApiVersion, Endpoint, Family, Malformed, ObjectKind, Request, page::text, path::Path};

/// All definitions of one sensitivity; HubSpot does not page them.
#[derive(Debug, Clone)]
pub struct Properties<'a> {
    pub kind: &'a ObjectKind,
    pub sensitivity: Sensitivity,
}

impl Properties<'_> {
    const KIND: &'static str = "property definitions";
}

/// The groups in which a portal shows properties; HubSpot does not page them.
#[derive(Debug, Clone)]
pub struct PropertyGroups<'a> {
    pub kind: &'a ObjectKind,
}

impl PropertyGroups<'_> {
    const KIND: &'static str = "property groups";
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawGroup {
    name: String,
    #[serde(default, deserialize_with = "scalar")]
    label: String,
    #[serde(default, deserialize_with = "lenient")]
    display_order: Option<i64>,
    #[serde(default, deserialize_with = "lenient")]
    archived: bool,
}

impl Endpoint for PropertyGroups<'_> {
    type Output = Vec<PropertyGroup>;

    fn request(&self, version: ApiVersion) -> Request {
        let path = Path::new(Family::Properties.base(version)).segment(&self.kind.path).segment("groups");
        Request::get(Self::KIND, path.done())
    }

    fn read(&self, body: Bytes) -> Result<Vec<PropertyGroup>, Malformed> {
        let listed: Listed<RawGroup> = parse(Self::KIND, &text(&body))?;
        let group = |raw: RawGroup| PropertyGroup {
            label: if raw.label.is_empty() { raw.name.clone() } else { raw.label },
            name: raw.name,
            display_order: raw.display_order,
            archived: raw.archived,
        };
        Ok(listed.results.into_iter().map(group).collect())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawProperty {
    name: String,
    #[serde(default, deserialize_with = "lenient")]
    label: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "lenient")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    field_type: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    group_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    description: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    options: Vec<RawOption>,
    #[serde(default, deserialize_with = "lenient")]
    display_order: Option<i64>,
    #[serde(default, deserialize_with = "lenient")]
    calculated: bool,
    #[serde(default, deserialize_with = "lenient")]
    external_options: bool,
    #[serde(default, deserialize_with = "lenient")]
    has_unique_value: bool,
    #[serde(default, deserialize_with = "lenient")]
    hidden: bool,
    #[serde(default, deserialize_with = "lenient")]
    hubspot_defined: bool,
    #[serde(default, deserialize_with = "lenient")]
    modification_metadata: Modification,
    #[serde(default, deserialize_with = "lenient")]
    referenced_object_type: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    currency_property_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    show_currency_symbol: bool,
    #[serde(default, deserialize_with = "lenient")]
    archived: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Modification {
    read_only_value: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RawOption {
    #[serde(deserialize_with = "scalar")]
    value: String,
    #[serde(deserialize_with = "scalar")]
    label: String,
    #[serde(deserialize_with = "lenient")]
    display_order: Option<i64>,
    #[serde(deserialize_with = "lenient")]
    hidden: bool,
}

impl Endpoint for Properties<'_> {
    type Output = Vec<PropertyDefinition>;

    fn request(&self, version: ApiVersion) -> Request {
        let path = Path::new(Family::Properties.base(version)).segment(&self.kind.path);
        // Non-sensitive is the default; an older edition may not know the question.
        let path = match self.sensitivity {
            Sensitivity::NonSensitive => path,
            Sensitivity::Sensitive => path.query("dataSensitivity", "sensitive"),
            Sensitivity::HighlySensitive => path.query("dataSensitivity", "highly_sensitive"),
        };
        Request::get(Self::KIND, path.done())
    }

    fn read(&self, body: Bytes) -> Result<Vec<PropertyDefinition>, Malformed> {
        let listed: Listed<RawProperty> = parse(Self::KIND, &text(&body))?;
        Ok(listed.results.into_iter().map(|raw| raw.definition(self.sensitivity)).collect())
    }
}

impl RawProperty {
    fn definition(self, sensitivity: Sensitivity) -> PropertyDefinition {
        let options = self.options.into_iter().map(|option| PropertyOption {
            label: if option.label.is_empty() { option.value.clone() } else { option.label },
            value: option.value,
            display_order: option.display_order,
            hidden: option.hidden,
        });
        PropertyDefinition {
            label: self.label.filter(|label| !label.is_empty()).unwrap_or_else(|| self.name.clone()),
            name: PropertyName::new(self.name),
            kind: self.kind.unwrap_or_else(|| "string".into()),
            field_type: self.field_type.unwrap_or_else(|| "text".into()),
            group: self.group_name,
            description: self.description.filter(|text| !text.is_empty()),
            options: options.collect(),
            display_order: self.display_order,
            calculated: self.calculated,
            external_options: self.external_options,
            has_unique_value: self.has_unique_value,
            hidden: self.hidden,
            hubspot_defined: self.hubspot_defined,
            read_only_value: self.modification_metadata.read_only_value,
            referenced_object_type: self.referenced_object_type,
            currency_property: self.currency_property_name,
            show_currency_symbol: self.show_currency_symbol,
            sensitivity,
            archived: self.archived,
        }
    }
}
