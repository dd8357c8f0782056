//! Full text and the other secondary indexes, built after a type's first pass in steps that can be cut.

use hubspot::ObjectKind;

use crate::{StreamState, context::Context, error::Halt};

/// Rows of one step: short enough that other commits hardly wait.
const STEP: usize = 5_000;

pub(crate) async fn build(context: &Context, kind: &ObjectKind) -> Result<(), Halt> {
    context.board.stream(&kind.object, |stream| stream.state = StreamState::Indexing);
    loop {
        let object = kind.object.clone();
        let step = context
            .unless_cancelled(context.writer.call(move |store| store.index_step(&object, STEP)))
            .await??;
        if step.done {
            context.board.stream(&kind.object, |stream| stream.state = StreamState::Done);
            return Ok(());
        }
    }
}
