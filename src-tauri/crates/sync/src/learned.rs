//! What a portal's server taught about lengths, kept in the mirror for the runs to come.

use serde::{Deserialize, Serialize};

use crate::{Error, context::Context, way::Lengths};

const KEY: &str = "learned";

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    url_max: Option<usize>,
    body_max: Option<usize>,
}

/// What earlier runs learned, from a reader.
pub(crate) fn lengths(reader: &store::Reader) -> Result<Lengths, Error> {
    Ok(of(reader.checkpoint(KEY)?))
}

/// Takes up what earlier runs learned.
pub(crate) async fn recall(context: &Context) -> Result<(), Error> {
    let json = context.writer.call(|store| store.checkpoint(KEY)).await?;
    context.set_lengths(|lengths| *lengths = of(json));
    Ok(())
}

/// Learns, and keeps it if it is new.
pub(crate) async fn learn(context: &Context, learn: impl FnOnce(&mut Lengths)) -> Result<(), Error> {
    let before = context.lengths();
    context.set_lengths(learn);
    let Lengths { url_max, body_max } = context.lengths();
    if before == context.lengths() {
        return Ok(());
    }
    let kept = Kept { url_max: Some(url_max), body_max };
    let json = serde_json::to_string(&kept).expect("numbers can be written");
    let at = context.now();
    context.writer.call(move |store| store.put_checkpoint(KEY, &json, at)).await
}

/// A mark that cannot be read teaches nothing: the lengths are learned again.
fn of(json: Option<String>) -> Lengths {
    let kept: Kept = json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    let fresh = Lengths::default();
    Lengths { url_max: kept.url_max.unwrap_or(fresh.url_max), body_max: kept.body_max }
}
