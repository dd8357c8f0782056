//! What crosses the boundary to a host: the one list of operations, their requests and answers, and the events.
//!
//! Reads are nouns, actions are verbs, events are past tense. An event says what changed; the host asks again, so a
//! window may be reloaded at any moment. Ids are text, times are ISO-8601 UTC text, counts fit 32 bits.
//! No type here can hold a secret on its way out. What goes in, goes in once: the pasted key in `begin_key`, the client
//! secret in `begin_oauth`, the address with the code in `paste_callback`, the passphrase in `use_encrypted_file` and
//! `unlock_vault`.

mod connect;
mod diagnostics;
mod doctor;
mod error;
mod oauth;
mod plan;
mod properties;
mod query;
mod records;
mod settings;
mod status;
mod verify;

pub use connect::*;
pub use diagnostics::*;
pub use doctor::*;
pub use error::*;
pub use oauth::*;
pub use plan::*;
pub use properties::*;
pub use query::*;
pub use records::*;
pub use settings::*;
pub use status::*;
pub use verify::*;

/// The one list. A host passes a macro and receives every line: `name(Request) -> Answer`.
#[macro_export]
macro_rules! with_operations {
    ($host:ident) => {
        $host! {
            app_info(AppInfoRequest) -> AppInfo,
            set_theme(SetTheme) -> Done,
            use_encrypted_file(UseEncryptedFile) -> Done,
            unlock_vault(UnlockVault) -> Done,
            use_keychain(UseKeychain) -> Done,
            connections(ConnectionsRequest) -> Connections,
            begin_key(BeginKey) -> KeyDraft,
            start_checks(StartChecks) -> Checks,
            checks(ChecksRequest) -> Checks,
            use_as_new_connection(UseAsNewConnection) -> KeyDraft,
            discard_draft(DiscardDraft) -> Done,
            draft_plan(DraftPlan) -> SyncPlan,
            stop_draft_plan(StopDraftPlan) -> Done,
            finish_connect(FinishConnect) -> Connected,
            scopes(ScopesRequest) -> Scopes,
            oauth_setup(OauthSetupRequest) -> OauthSetup,
            begin_oauth(BeginOauth) -> OauthAttempt,
            oauth_attempt(AttemptRequest) -> OauthAttempt,
            paste_callback(PasteCallback) -> OauthAttempt,
            cancel_oauth(AttemptRequest) -> Done,
            write_app_kit(WriteAppKit) -> AppKit,
            read_app_kit(ReadAppKit) -> AppKitFound,
            open_demo(OpenDemo) -> Connected,
            connection_status(ConnectionStatusRequest) -> ConnectionStatus,
            sync_plan(SyncPlanRequest) -> SyncPlan,
            start_sync(StartSync) -> Done,
            pause_sync(PauseSync) -> Done,
            resume_sync(ResumeSync) -> Done,
            pause_until(PauseUntil) -> Done,
            run_log(RunLogRequest) -> RunLogs,
            settings(SettingsRequest) -> Settings,
            change_setting(ChangeSetting) -> Settings,
            skip_object(SkipObject) -> Settings,
            rename_connection(RenameConnection) -> Done,
            disconnect_plan(DisconnectPlanRequest) -> DisconnectPlan,
            disconnect(Disconnect) -> Disconnected,
            objects(ObjectsRequest) -> Objects,
            open_snapshot(OpenSnapshot) -> Snapshot,
            snapshot_rows(SnapshotRows) -> Rows,
            close_snapshot(CloseSnapshot) -> Done,
            record(RecordRequest) -> RecordPage,
            record_link(RecordLinkRequest) -> RecordLink,
            doctor(DoctorRequest) -> Doctor,
            run_doctor(RunDoctor) -> Doctor,
            request_log(RequestLogRequest) -> RequestLog,
            bundle(BundleRequest) -> Bundle,
            save_bundle(SaveBundle) -> SavedBundle,
            troubles(TroublesRequest) -> Troubles,
            make_trouble(MakeTrouble) -> Troubles,
            await_oauth(AwaitOauth) -> Connected,
            examine(RunDoctor) -> Doctor,
            connect_key(ConnectKey) -> Connected,
            run_sync(RunSync) -> SyncReport,
            query(QueryRequest) -> QueryAnswer,
            picks(PicksRequest) -> Picks,
            pick(Pick) -> Picks,
            properties(PropertiesRequest) -> Properties,
            verify(Verify) -> VerifyReport,
            start_verify(StartVerify) -> Done,
            verify_plan(VerifyPlanRequest) -> VerifyPlan,
        }
    };
}

macro_rules! names {
    ($($name:ident($request:ident) -> $answer:ident,)*) => {
        /// Names of all operations, for hosts that need them as text (permissions).
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}
with_operations!(names);
