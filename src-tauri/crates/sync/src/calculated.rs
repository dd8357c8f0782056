//! What no stamp tells of: calculated properties, rows outside the window, refused properties. Each is read again by a
//! refill when it is due.

use crm::{Sensitivity, Timestamp};
use hubspot::ObjectKind;

use crate::{
    asked::Asked,
    context::Context,
    error::Halt,
    mark::{self, Tended},
    refill::{self, RefillReason},
    refused,
};

/// Reads again what is due of one type, and what was asked for.
pub(crate) async fn tend(context: &Context, kind: &ObjectKind, asked: &Asked) -> Result<(), Halt> {
    let moment = context.moment();
    let tended = mark::read_stream(&context.writer, kind.object.as_str()).await?.tended;
    let names = names(context, kind).await?;
    if context.sweep_due(tended.calculated) {
        if names.is_empty() {
            // There is nothing to read, as of now.
            set(context, kind, |tended| tended.calculated = Some(moment.now.millis())).await?;
        } else {
            refill::add(context, kind, RefillReason::Calculated, names).await?;
        }
    }
    if context.since.is_some() && moment.weekly(time(tended.outside)) {
        refill::add(context, kind, RefillReason::Outside, Vec::new()).await?;
    }
    let refused = refused::read(&context.writer, &kind.object).await?.properties;
    let last = refused.values().map(|refusal| refusal.tried).min();
    // Not in the run that was refused: a little later it may work.
    let now = context.started_at().millis();
    if last.is_some_and(|last| last < now && moment.hourly(time(Some(last)))) {
        let names = refused.into_keys().collect();
        refill::add(context, kind, RefillReason::Refused, names).await?;
    }
    for why in refill::work(context, kind, asked).await? {
        if matches!(why, RefillReason::Calculated | RefillReason::Outside) {
            set(context, kind, |tended| {
                let at =
                    if why == RefillReason::Outside { &mut tended.outside } else { &mut tended.calculated };
                *at = Some(now);
            })
            .await?;
        }
    }
    Ok(())
}

async fn set(context: &Context, kind: &ObjectKind, change: impl FnOnce(&mut Tended)) -> Result<(), Halt> {
    let name = kind.object.as_str();
    let mut mark = mark::read_stream(&context.writer, name).await?;
    change(&mut mark.tended);
    Ok(mark::write_stream(&context.writer, name, &mark, context.now()).await?)
}

/// The calculated properties that are asked for.
async fn names(context: &Context, kind: &ObjectKind) -> Result<Vec<String>, Halt> {
    let object = kind.object.clone();
    let definitions = context.writer.read(move |reader| reader.definitions(&object)).await?;
    Ok(definitions
        .into_iter()
        .filter(|definition| definition.calculated && !definition.archived)
        .filter(|definition| definition.sensitivity == Sensitivity::NonSensitive)
        .map(|definition| definition.name.as_str().to_owned())
        .collect())
}

fn time(millis: Option<i64>) -> Option<Timestamp> {
    millis.map(Timestamp::from_millis)
}
