//! The life of one object type's stream in a run: its first pass or what changed since, then what must come after.
//! Deliberately absent: links, which have streams of their own.

use crm::Timestamp;
use hubspot::ObjectKind;
use store::Level;

use crate::{
    Error, StreamMark, StreamState, archived,
    asked::Asked,
    calculated, census,
    context::{Context, Pass},
    definitions,
    error::Halt,
    increment::{self, Updated},
    mark::{self, Tended},
    offered, records, removals,
};

/// Brings one type up to date. True if it was, and nothing of it is missing.
pub(crate) async fn keep(context: &Context, kind: &ObjectKind) -> Result<bool, Halt> {
    if left_out(context, kind).await? {
        return Ok(false);
    }
    if let Some(scopes) = kind.missing(context.granted.as_deref()) {
        let scopes: Vec<String> = scopes.into_iter().map(str::to_owned).collect();
        skip(context, kind, permission_missing(&scopes), scopes).await?;
        return Ok(false);
    }
    let ended = work(context, kind).await;
    if let Err(Halt::Error(Error::Hubspot(hubspot::Error::NotFound(_) | hubspot::Error::Refused(_)))) = &ended
        && offered::lacks(context, kind).await?
    {
        skip(context, kind, offered::NOT_OFFERED.to_owned(), Vec::new()).await?;
        return Ok(false);
    }
    let whole = alone(context, kind, ended).await?;
    if whole {
        context.board.stream(&kind.object, |stream| stream.state = StreamState::Done);
        context.tally.end(StreamState::Done, None, context.now());
    }
    Ok(whole)
}

/// Why a type is skipped that somebody chose to leave out.
pub const LEFT_OUT: &str = "You left it out.";

/// Whether a type is left out; what is here of it is shown, and stays as it is. One that was is taken up where it stopped.
async fn left_out(context: &Context, kind: &ObjectKind) -> Result<bool, Halt> {
    let is_left_out = context.leaves_out(&kind.object);
    let name = kind.object.as_str();
    let mut mark = mark::read_stream(&context.writer, name).await?;
    if mark.left_out != is_left_out {
        (mark.left_out, mark.missing_scopes) = (is_left_out, Vec::new());
        (mark.state, mark.reason) = if is_left_out {
            (StreamState::Skipped, Some(LEFT_OUT.to_owned()))
        } else {
            (StreamState::Queued, None)
        };
        mark::write_stream(&context.writer, name, &mark, context.now()).await?;
        let (is, word) =
            if is_left_out { ("left out from now on", "left_out") } else { ("copied again", "taken_up") };
        context.tell(Level::Info, word, Some(&kind.object), format!("{} are {is}.", kind.plural)).await?;
    }
    if is_left_out {
        show(context, kind).await?;
        context.board.stream(&kind.object, |stream| {
            (stream.state, stream.left_out) = (StreamState::Skipped, true);
            stream.reason = Some(LEFT_OUT.to_owned());
            stream.last_good_at = None;
        });
    }
    Ok(is_left_out)
}

async fn work(context: &Context, kind: &ObjectKind) -> Result<(), Halt> {
    let asked = definitions::asked(context, kind).await?;
    if needs_pass(context, kind).await? {
        pass(context, kind, asked.clone()).await?;
    } else {
        match increment::update(context, kind, &asked).await? {
            Updated::Read | Updated::NotNow => {}
            Updated::List(why) => {
                increment::tell_why(context, kind, why).await?;
                pass(context, kind, asked.clone()).await?;
            }
        }
    }
    calculated::tend(context, kind, &asked).await?;
    removals::settle(context, kind).await?;
    archived::bring(context, kind).await?;
    census::compare(context, kind).await?;
    show(context, kind).await
}

/// A type is read as a whole the first time, when that is asked for, and to the end of what was begun so.
async fn needs_pass(context: &Context, kind: &ObjectKind) -> Result<bool, Error> {
    let mark = mark::read_stream(&context.writer, kind.object.as_str()).await?;
    let passed_now = mark.began == context.began.millis() && !mark.pass_open;
    // What search does not find shows in a listing only.
    let listed = mark.checked.search_incomplete
        && context.moment().hourly(mark.checked.counted_at.map(Timestamp::from_millis));
    Ok(!mark.first_pass_done || mark.pass_open || (context.full || listed) && !passed_now)
}

/// A whole pass, or what is left of one. Where it began is where changes are read from afterwards.
async fn pass(context: &Context, kind: &ObjectKind, asked: Asked) -> Result<(), Halt> {
    let name = kind.object.as_str();
    let mut mark = mark::read_stream(&context.writer, name).await?;
    if context.pass(mark.pass_open, mark.since, mark.began) == Pass::New {
        mark.watermark.pass_began = context.started.map(Timestamp::millis);
        mark::write_stream(&context.writer, name, &mark, context.now()).await?;
    }
    records::copy(context, kind, asked).await?;
    let mut mark = mark::read_stream(&context.writer, name).await?;
    if let Some(began) = mark.watermark.pass_began.take() {
        mark.watermark.passed(began);
        mark.tended = Tended { calculated: Some(began), outside: Some(began) };
        mark::write_stream(&context.writer, name, &mark, context.now()).await?;
    }
    Ok(())
}

/// Shows how many records are here now.
async fn show(context: &Context, kind: &ObjectKind) -> Result<(), Halt> {
    let (object, since, at) = (kind.object.clone(), context.since, context.now());
    let filled = context.writer.call(move |store| store.live_since(&object, since)).await?;
    context.board.stream(&kind.object, |stream| {
        (stream.filled, stream.total, stream.last_good_at) = (filled, Some((filled, true)), Some(at));
    });
    Ok(())
}

/// A stream's trouble stays its own, unless it concerns the whole run. True if there was none.
pub(crate) async fn alone(
    context: &Context,
    kind: &ObjectKind,
    ended: Result<(), Halt>,
) -> Result<bool, Halt> {
    match ended {
        Ok(()) => Ok(true),
        Err(Halt::Error(Error::Hubspot(hubspot::Error::MissingScopes { scopes, .. }))) => {
            skip(context, kind, permission_missing(&scopes), scopes).await?;
            Ok(false)
        }
        Err(Halt::Error(error)) if !error.stops_the_run() => {
            let reason = error.to_string();
            let message = format!("{} stopped: {reason}", kind.plural);
            context.tell(Level::Error, "stream_failed", Some(&kind.object), message).await?;
            set_state(context, kind, StreamState::Failed, reason, Vec::new()).await?;
            Ok(false)
        }
        Err(halt) => Err(halt),
    }
}

/// What stands in the way, in words.
pub fn permission_missing(scopes: &[String]) -> String {
    match scopes {
        [] => "A permission is missing.".to_owned(),
        [scope] => format!("The permission “{scope}” is missing."),
        several => format!("The permissions “{}” are missing.", several.join("”, “")),
    }
}

async fn skip(
    context: &Context,
    kind: &ObjectKind,
    reason: String,
    scopes: Vec<String>,
) -> Result<(), Error> {
    let message = format!("{} are skipped. {reason}", kind.plural);
    context.tell(Level::Warn, "stream_skipped", Some(&kind.object), message).await?;
    set_state(context, kind, StreamState::Skipped, reason, scopes).await
}

async fn set_state(
    context: &Context,
    kind: &ObjectKind,
    state: StreamState,
    reason: String,
    missing_scopes: Vec<String>,
) -> Result<(), Error> {
    let name = kind.object.as_str();
    let mut mark: StreamMark = mark::read_stream(&context.writer, name).await?;
    (mark.state, mark.reason) = (state, Some(reason.clone()));
    mark.missing_scopes.clone_from(&missing_scopes);
    let now = context.now();
    mark::write_stream(&context.writer, name, &mark, now).await?;
    context.tallies.of(name, now).end(state, Some(reason.clone()), now);
    context.board.stream(&kind.object, |stream| {
        stream.state = state;
        stream.reason = Some(reason);
        stream.missing_scopes = missing_scopes;
    });
    Ok(())
}
