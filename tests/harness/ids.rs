//! The names by which the page's parts are found: those of `ui/src/design/testids.ts`, and `tidy` compares the two.

pub const FIRST_RUN: &str = "first-run";
pub const BUTTON_CONNECT: &str = "button-connect";
pub const BUTTON_DEMO: &str = "button-demo";
pub const WIZARD: &str = "wizard";
pub const KEY_FIELD: &str = "key-field";
pub const WIZARD_NEXT: &str = "wizard-next";
pub const WIZARD_FINISH: &str = "wizard-finish";
pub const HOME: &str = "home";
pub const STATE_CHIP: &str = "state-chip";
pub const PROGRESS_FIGURE: &str = "progress-figure";
pub const BUTTON_PAUSE: &str = "button-pause";
pub const BUTTON_RESUME: &str = "button-resume";
pub const BUTTON_SYNC: &str = "button-sync";
pub const NAV_HOME: &str = "nav-home";
pub const NAV_RECORDS: &str = "nav-records";
pub const GRID: &str = "grid";
pub const GRID_ROW: &str = "grid-row";
pub const GRID_FIND: &str = "grid-find";
pub const RECORD_PAGE: &str = "record-page";
pub const RECORD_TITLE: &str = "record-title";
pub const CONNECTION_SWITCH: &str = "connection-switch";
pub const MENU_DISCONNECT: &str = "menu-disconnect";
pub const DIALOG_DISCONNECT: &str = "dialog-disconnect";
pub const DISCONNECT_WIPE: &str = "disconnect-wipe";
pub const DISCONNECT_CONFIRM: &str = "disconnect-confirm";
pub const DISCONNECT_DONE: &str = "disconnect-done";
pub const DEMO_STRIP: &str = "demo-strip";

pub const CHECK_ROW: &str = "check-row-";
pub const OBJECT_ROW: &str = "object-row-";
pub const OBJECT_FILLED: &str = "object-filled-";
pub const OBJECT_TAB: &str = "object-tab-";
pub const LINKED_GROUP: &str = "linked-group-";
