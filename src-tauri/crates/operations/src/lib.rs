//! everything a host may ask, one function each.
//!
//! The list is [`with_operations!`]; each line of it is a function here with the same name, taking the [`Core`] and
//! its request. Hosts (window, command line, later agents) add no rules of their own.
#![forbid(unsafe_code)]

mod app_kit;
mod browse;
mod bundle;
mod checks;
mod clients;
mod connect;
mod connections;
mod core;
mod demo;
mod diagnostics;
mod disconnecting;
mod doctor;
mod errors;
mod grants;
mod keeping;
mod key_file;
mod oauth;
mod pace;
mod place;
mod plan;
mod properties;
mod query;
mod record;
mod requests;
mod runs;
mod schedule;
mod scopes;
mod settings;
mod status;
mod troubles;
mod verify;
pub mod wire;

pub use crate::{
    app_kit::{read_app_kit, write_app_kit},
    browse::{close_snapshot, objects, open_snapshot, snapshot_rows},
    bundle::{bundle, save_bundle},
    connect::{
        begin_key, checks, connect_key, discard_draft, finish_connect, start_checks, use_as_new_connection,
    },
    connections::{app_info, connections, rename_connection, set_theme},
    core::{Core, DemoHost, DemoPortal},
    demo::open_demo,
    diagnostics::run_log,
    disconnecting::{disconnect, disconnect_plan},
    doctor::{doctor, examine, run_doctor},
    errors::browser_not_opened,
    key_file::{unlock_vault, use_encrypted_file, use_keychain},
    oauth::{await_oauth, begin_oauth, cancel_oauth, oauth_attempt, oauth_setup, paste_callback},
    place::Place,
    plan::{draft_plan, stop_draft_plan, sync_plan},
    properties::{pick, picks, properties},
    query::query,
    record::{record, record_link},
    requests::request_log,
    runs::{pause_sync, resume_sync, run_sync, start_sync},
    schedule::{Clock, SystemClock, pause_until},
    scopes::scopes,
    settings::{change_setting, settings, skip_object},
    status::connection_status,
    troubles::{DemoTrouble, make_trouble, troubles},
    verify::{start_verify, verify, verify_plan},
};
