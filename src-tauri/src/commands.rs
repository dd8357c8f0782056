//! Every operation as a Tauri command, generated from the one list. No operation is written out here.

use operations::{Core, wire::WireError};
use tauri::{State, Wry, ipc::Invoke};

use crate::desktop;

/// The core, or why it could not be opened. The window opens either way, so that a person can read the reason.
pub(crate) struct Opened(Result<Core, WireError>);

impl Opened {
    pub(crate) fn new(opened: Result<Core, WireError>) -> Self {
        if let Err(error) = &opened {
            tracing::error!(code = ?error.code, technical = %error.technical, "the core did not open: {error}");
        }
        Self(opened)
    }

    pub(crate) fn core(&self) -> Result<&Core, WireError> {
        self.0.as_ref().map_err(Clone::clone)
    }
}

macro_rules! tauri_commands {
    ($($name:ident($request:ident) -> $answer:ident,)*) => {
        $(
            #[tauri::command]
            async fn $name(
                opened: State<'_, Opened>,
                request: operations::wire::$request,
            ) -> Result<operations::wire::$answer, WireError> {
                operations::$name(opened.core()?, request).await
            }
        )*

        pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
            tauri::generate_handler![
                $($name,)*
                desktop::open_external,
                desktop::open_authorize,
                desktop::first_paint,
                desktop::system_theme,
                desktop::page_logged
            ]
        }
    };
}
operations::with_operations!(tauri_commands);
