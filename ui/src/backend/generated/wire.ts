// Generated from the core's wire types by `./dev bindings`. Do not edit.

export type AbsentObject = { 
/**
 * The table it would have.
 */
object: string, 
/**
 * Plural label.
 */
label: string, 
/**
 * "Not in this account's plan, or not switched on.", or the permission that is missing.
 */
reason: string, 
/**
 * Scopes that would show it.
 */
missing_scopes: Array<string>, };

export type Activity = { at: string, level: ActivityLevel, text: string, };

export type ActivityLevel = "info" | "good" | "warn" | "error";

export type AppInfo = { version: string, data_folder: string, theme: Theme, 
/**
 * Where keys are kept, as words ("system keychain", "encrypted file").
 */
vault: string, 
/**
 * The encrypted file waits for its passphrase: `unlock_vault`.
 */
vault_locked: boolean, 
/**
 * The encrypted file was chosen in the window, and can be left for the keychain: `use_keychain`.
 */
vault_movable: boolean, };

export type AppInfoRequest = Record<symbol, never>;

export type AppKit = { folder: string, 
/**
 * Files written, relative to the folder.
 */
files: Array<string>, 
/**
 * Commands to run there, in order.
 */
commands: Array<string>, };

/**
 * What a HubSpot developer project declares.
 */

export type AppKitFound = { app_name: string, scopes: ScopeSets, redirects: Array<string>, 
/**
 * Return addresses of ours that the app does not register.
 */
missing_redirects: Array<string>, };

export type AttemptPhase = "waiting" | "exchanging" | "connected" | "failed" | "cancelled";

export type AttemptRequest = { attempt: string, };

export type Attention = { error: WireError, 
/**
 * Object type concerned, if one.
 */
object: string | null, 
/**
 * Same trouble so many times.
 */
count: number, };

/**
 * Connects without a window; the host opens or prints the address while it waits.
 */

export type AwaitOauth = { attempt: string, };

export type BackfillStatus = "not_started" | "running" | "complete";

export type BackfillStream = { complete: boolean, 
/**
 * Ranges of ids, and how many of them are done.
 */
ranges: number, ranges_done: number, 
/**
 * The id up to which the lowest unfinished range is read.
 */
past: string | null, };

/**
 * The pasted text, once. It is kept in memory only, until the draft is finished or discarded.
 */

export type BeginKey = { text: string, 
/**
 * For portals that are not HubSpot's own (tests, proxies); empty means HubSpot.
 */
api_base: string | null, 
/**
 * The connection that gets this key (reconnect, rotation); a key of another portal is refused for it.
 */
connection: string | null, };

/**
 * Starts an attempt: keeps what was typed with a connection in `pending_setup`, and listens for the browser.
 * The secret goes in once, here; nothing returns it.
 */

export type BeginOauth = { 
/**
 * The connection to go on with; none makes a new one.
 */
connection: string | null, 
/**
 * Empty: named after its portal.
 */
name: string, client_id: string, 
/**
 * Empty: the one that is kept.
 */
client_secret: string, scopes: ScopeSets, 
/**
 * Listen on this port instead of the usual ones.
 */
port: number | null, api_base: string | null, app_base: string | null, };

/**
 * Requests against HubSpot's limits.
 */

export type Budget = { general: PoolBudget, search: PoolBudget, associations: PoolBudget, 
/**
 * Today's requests of the whole account; none where HubSpot does not report it.
 */
daily_used: number | null, daily_limit: number | null, };

/**
 * What a support bundle would hold, to be read before it is saved.
 */

export type Bundle = { 
/**
 * Short, to be named in a support request.
 */
id: string, files: Array<BundleFile>, };

export type BundleFile = { name: string, text: string, };

export type BundleRequest = Record<symbol, never>;

/**
 * A value as shown. `text` is none for an empty value.
 */

export type Cell = { 
/**
 * Labels resolved; dates and times stay ISO (the window formats them), numbers as sent.
 */
text: string | null, 
/**
 * What HubSpot sent, when it differs from `text`.
 */
raw: string | null, 
/**
 * Currency code for money.
 */
currency: string | null, };

export type ChangeSetting = { connection: string, key: string, 
/**
 * None goes back to the default.
 */
value: string | null, };

export type CheckOutcome = "next" | "running" | "good" | "look" | "broken" | "skipped";

export type CheckRow = { 
/**
 * `format`, `keychain`, `reachable`, `accepted`, `identity`, `scopes`, `counts`, `properties`, `budget`, `disk`.
 */
id: string, label: string, outcome: CheckOutcome, 
/**
 * Plain sentence of the result; empty while waiting.
 */
sentence: string, 
/**
 * Milliseconds it took, once finished.
 */
ms: number | null, error: WireError | null, };

/**
 * The live checks of the wizard, top to bottom.
 */

export type Checks = { draft: string, rows: Array<CheckRow>, portal: PortalIdentity | null, 
/**
 * Everything that must hold holds; the connection can be made.
 */
can_finish: boolean, running: boolean, 
/**
 * A name to offer for the connection.
 */
suggested_name: string, 
/**
 * Scopes that are new, where the connection was there already.
 */
gained: Array<string>, 
/**
 * A few words from the portal itself ("Élodie Marchand · Atelier Cycle Lyon"), to recognise it.
 */
first_look: string | null, };

export type ChecksRequest = { draft: string, };

export type CloseSnapshot = { snapshot: string, };

/**
 * Stable codes; a code exists only with a consumer that treats it specially.
 */

export type Code = "key_empty" | "key_masked" | "key_is_client_secret" | "key_is_refresh_token" | "key_is_url" | "key_is_email" | "key_twice" | "key_rubbish" | "token_invalid" | "token_format" | "client_id_wrong" | "client_secret_wrong" | "secret_is_key" | "wrong_flow_claude" | "no_marketplace_access" | "admin_approval" | "scopes_insufficient" | "scopes_mismatch" | "redirect_mismatch" | "user_denied" | "state_mismatch" | "port_busy" | "browser_not_opened" | "callback_timeout" | "callback_unusable" | "exchange_failed" | "code_used" | "setup_cancelled" | "plan_stopped" | "app_kit_folder" | "app_kit_unreadable" | "app_uninstalled" | "client_secret_changed" | "token_delayed" | "account_gone" | "auth_expired" | "missing_scope" | "wrong_account" | "name_taken" | "no_such_connection" | "several_connections" | "disconnected" | "busy" | "bad_origin" | "keychain_locked" | "keychain_missing" | "vault_passphrase" | "vault_locked" | "offline" | "dns_failed" | "tls_failed" | "proxy_failed" | "timed_out" | "clock_skew" | "disk_low" | "account_moving" | "rate_limited" | "daily_limit" | "daily_share" | "hubspot_trouble" | "unexpected_answer" | "disk_full" | "data_folder" | "newer_database" | "database_damaged" | "not_read_only" | "bad_query" | "query_timed_out" | "no_such_object" | "no_such_property" | "no_such_record" | "snapshot_gone" | "bad_request" | "internal";

export type Column = { 
/**
 * Column name, for sorting and for asking rows.
 */
name: string, label: string, kind: ColumnKind, sortable: boolean, };

export type ColumnKind = "title" | "text" | "number" | "currency" | "date" | "date_time" | "bool" | "enumeration" | "owner" | "stage";

/**
 * Connects in one step, without a window. The import is not started.
 */

export type ConnectKey = { text: string, name: string | null, kind: ConnectionKind | null, 
/**
 * None: HubSpot.
 */
api_base: string | null, 
/**
 * Send a HubSpot token to a host that is not HubSpot's.
 */
allow_host: boolean, };

export type Connected = { connection: string, };

export type ConnectionKind = "service_key" | "private_app" | "oauth" | "demo";

export type ConnectionStatus = { connection: string, name: string, kind: ConnectionKind, portal: string | null, region: string | null, ui_domain: string | null, time_zone: string | null, state: OperationalState, 
/**
 * The same by its name in the mission inventory (DIAG-02), which knows no pause: eleven states, and for a connection
 * that is not in use its place in the life cycle.
 */
operational_state: OperationalState, 
/**
 * Other states that apply too, most urgent first.
 */
also: Array<OperationalState>, 
/**
 * Why setup stopped, while it is not finished; kept until it succeeds.
 */
setup_error: WireError | null, 
/**
 * The last trouble of the connection as a whole; kept until a run succeeds.
 */
last_error: WireError | null, 
/**
 * Every scope Portside has a use for, and what is known of it.
 */
scopes: Array<ScopeStanding>, 
/**
 * Enough of the key to recognise it, and since when it is in use here.
 */
key_hint: string | null, key_set_at: string | null, 
/**
 * One sentence about the state: "First import, started 14:12. You can browse what is already here."
 */
sentence: string, paused: boolean, running: boolean, 
/**
 * What stands in the way and needs a person, most urgent first.
 */
attention: Array<Attention>, progress: RunProgress, objects: Array<ObjectProgress>, 
/**
 * Types of records that HubSpot has and this portal, or this key, does not show. None of them is a trouble.
 */
absent: Array<AbsentObject>, links: ObjectProgress, budget: Budget, activity: Array<Activity>, 
/**
 * Window of the copy: `all`, or the ISO start.
 */
since: string, last_success_at: string | null, 
/**
 * Of the last copy of everything.
 */
plan: PlanAndFact | null, database_megabytes: number, 
/**
 * What is proved of the copy, and when.
 */
proof: Proof, schedule: Schedule, hubspot_backfill: HubspotBackfill, hubspot_diagnostics: HubspotDiagnostics, setup_help: SetupHelp, };

export type ConnectionStatusRequest = { connection: string, };

export type ConnectionSummary = { id: string, name: string, kind: ConnectionKind, 
/**
 * Hub id as text, once known.
 */
portal: string | null, 
/**
 * Data region such as `eu1`, once known.
 */
region: string | null, state: OperationalState, 
/**
 * One sentence about the state.
 */
sentence: string, };

export type Connections = { connections: Array<ConnectionSummary>, };

export type ConnectionsRequest = Record<symbol, never>;

/**
 * Sent to hosts at most ten times a second, merged; the host asks again for what it shows.
 */

export type CoreEvent = { "event": "connections_changed" } | { "event": "status_changed", connection: string, } | { "event": "checks_changed", draft: string, } | { "event": "attempt_changed", attempt: string, } | { "event": "doctor_changed" };

/**
 * What a run costs.
 */

export type Cost = { requests: number, calls: PoolCalls, seconds: number, 
/**
 * What the copy grows by on this disk.
 */
megabytes: number, };

/**
 * Forgets a draft. What was approved in the browser and not taken is given up at HubSpot.
 */

export type DiscardDraft = { draft: string, };

export type Disconnect = { connection: string, wipe: boolean, };

/**
 * What disconnecting will do, each effect in order, before it is done.
 */

export type DisconnectPlan = { name: string, portal: string | null, effects: Array<string>, 
/**
 * Records that stay on this computer unless wiped.
 */
records: number, megabytes: number, 
/**
 * Where to switch the key off at HubSpot (menu path).
 */
hubspot_path: string, };

export type DisconnectPlanRequest = { connection: string, };

export type Disconnected = { 
/**
 * What happened, in order.
 */
outcomes: Array<string>, };

export type Doctor = { rows: Array<DoctorRow>, running: boolean, 
/**
 * "Everything works.", "14 good, 1 to look at. If nothing bothers you, you can ignore it."
 */
verdict: string, 
/**
 * When the last whole round ended.
 */
ran_at: string | null, };

export type DoctorOutcome = "next" | "running" | "fine" | "look" | "broken" | "not_applicable";

export type DoctorRequest = Record<symbol, never>;

export type DoctorRow = { 
/**
 * `keychain`, `disk`, …; rows of one connection are `scopes/portal-1234567`.
 */
id: string, label: string, 
/**
 * Name of the connection it is about, if one.
 */
connection: string | null, outcome: DoctorOutcome, 
/**
 * One plain sentence; empty while it waits.
 */
sentence: string, ms: number | null, 
/**
 * It has been running for over ten seconds.
 */
long: boolean, 
/**
 * With fix and buttons.
 */
error: WireError | null, };

/**
 * It is done; nothing more to say.
 */

export type Done = Record<symbol, never>;

/**
 * The plan of a connection that is still being set up: of a draft whose checks have passed.
 */

export type DraftPlan = { draft: string, 
/**
 * As in `finish_connect`: everything, or the default window of two years.
 */
all_history: boolean, };

/**
 * A button of an error card.
 */

export type ErrorAction = "try_again" | "paste_again" | "reconnect" | "open_keys_in_hubspot" | "check_again" | "start_again" | "use_encrypted_file" | "unlock_vault" | "quit" | "use_as_new_connection" | "open_again" | "copy_link" | "paste_address" | "edit_scopes" | "copy_addresses" | "copy_admin_message" | "use_service_key" | "choose_other_way" | "fix_client_secret" | "continue_setup" | "open_doctor" | "skip_object";

/**
 * What is compared. One says nothing about another.
 */

export type Finding = "counts" | "ids" | "values";

export type FinishConnect = { draft: string, name: string, 
/**
 * `service_key` or `private_app`: which card was chosen; both keys look alike.
 */
kind: ConnectionKind, 
/**
 * True copies everything; false the default window of two years.
 */
all_history: boolean, };

/**
 * The first copy of the portal.
 */

export type HubspotBackfill = { status: BackfillStatus, 
/**
 * Start of the window: `all`, or ISO.
 */
since: string, started_at: string | null, completed_at: string | null, 
/**
 * Records found so far, by object type.
 */
counts: { [key in string]: number }, 
/**
 * How far each object type is, to go on from there after a stop.
 */
state: { [key in string]: BackfillStream }, };

export type HubspotDiagnostics = { 
/**
 * End of the last run that copied everything it may.
 */
last_successful_hubspot_pull: string | null, 
/**
 * When something was last found to be read.
 */
last_queue_enqueue: string | null, 
/**
 * Found and not yet read, or fetched and not yet committed.
 */
queue: number, queue_state: QueueState, 
/**
 * Since when the oldest of what could not be read so far waits.
 */
queue_oldest_at: string | null, 
/**
 * Live records here, by object type.
 */
records_pulled_by_type: { [key in string]: number }, 
/**
 * What the last finished run found to read, by object type.
 */
last_poll_record_counts_by_type: { [key in string]: number }, 
/**
 * The deal that was changed last, of those here.
 */
latest_deal_seen: LatestDeal | null, 
/**
 * Of later parts: none yet.
 */
aggregate_recompute_at: string | null, synthesis_cadence: string | null, synthesis_period_key: string | null, synthesis_recomputed_at: string | null, synthesis_count: number | null, synthesis_skipped_reason: string | null, synthesis_last_error: string | null, 
/**
 * Troubles of this connection; each stays until it is over, then says when.
 */
persistent_errors: Array<PersistentError>, setup_error: WireError | null, last_error: WireError | null, 
/**
 * When each type was last looked at, in each of the ways that have a cadence of their own.
 */
ages: Array<TypeAges>, 
/**
 * What the filters and exclusions leave out of everything derived, and how many records that is now.
 */
filters: Array<string>, excluded_by_type: { [key in string]: number }, };

/**
 * A key that looks usable, waiting for its checks.
 */

export type KeyDraft = { draft: string, 
/**
 * Enough of the key to recognise it: `pat-eu1-…3f9c`.
 */
hint: string, 
/**
 * What was taken off the pasted text, as words: "spaces", "quotes", "`Bearer `".
 */
cleaned: Array<string>, 
/**
 * Said before testing, not a refusal: "This does not start with pat-. …"
 */
warning: string | null, };

export type LatestDeal = { id: string, name: string | null, updated_at: string, };

export type LinkedGroup = { object: string, label: string, total: number, 
/**
 * At most 50; `total` says how many there are.
 */
records: Array<LinkedRecord>, 
/**
 * Not synced, with the reason.
 */
skipped: string | null, };

export type LinkedRecord = { id: string, title: string, subtitle: string | null, 
/**
 * "Primary", "Billing contact", …
 */
labels: Array<string>, 
/**
 * No row here (outside the window, or not synced).
 */
missing: boolean, };

export type MakeTrouble = { id: string, on: boolean, };

export type NextKind = "poll" | "sync" | "import" | "proof" | "nothing";

/**
 * One sign-in, as it goes. Ask again after every `AttemptChanged`.
 */

export type OauthAttempt = { attempt: string, 
/**
 * The connection in `pending_setup` that this attempt belongs to.
 */
connection: string, phase: AttemptPhase, 
/**
 * To copy into a browser by hand.
 */
authorize_url: string, redirect_address: string, 
/**
 * Seconds since it began, and until it gives up (ten minutes in all).
 */
elapsed: number, left: number, 
/**
 * A callback of an older attempt, or of nobody, was turned away; waiting goes on.
 */
strangers: number, error: WireError | null, 
/**
 * Once connected: the draft to check and finish, as after a pasted key. Where another portal was approved: the draft
 * that `use_as_new_connection` takes.
 */
draft: string | null, };

/**
 * What has to be agreed with HubSpot before the browser opens.
 */

export type OauthSetup = { 
/**
 * Empty for a new connection.
 */
client_id: string, 
/**
 * A client secret is kept; an empty field then means that one.
 */
has_secret: boolean, 
/**
 * As kept with the connection, or as suggested.
 */
scopes: ScopeSets, 
/**
 * Every return address, exactly as it must be registered on the app.
 */
redirects: Array<RedirectAddress>, 
/**
 * The port that was chosen in place of the usual ones.
 */
port: number | null, };

/**
 * For a new connection, or for one that is there (setup to be continued, reconnect, more scopes).
 */

export type OauthSetupRequest = { connection: string | null, };

export type ObjectProgress = { 
/**
 * Table name: `contacts`; `links` for the links row.
 */
object: string, 
/**
 * Plural label.
 */
label: string, 
/**
 * Ids known to exist (inside the window).
 */
found: Total | null, 
/**
 * Committed with every stored property.
 */
filled: number, to_go: Total | null, rate: number | null, left: string | null, state: StreamState, 
/**
 * Words for the state: "Filling", "Done 14:28" (time filled in by the window), "Skipped", "Waiting".
 */
reason: string | null, 
/**
 * ISO time until which this waits for a limit.
 */
waiting_until: string | null, last_good_at: string | null, 
/**
 * Records refused, with reasons in the mirror's `quarantine`.
 */
quarantined: number, 
/**
 * Skipped because somebody chose so (`skip_object`); what is here stays.
 */
left_out: boolean, };

export type ObjectTab = { 
/**
 * Table name: `contacts`.
 */
object: string, singular: string, plural: string, custom: boolean, 
/**
 * Live records here.
 */
count: number, 
/**
 * Skipped with its reason ("The permission “tickets” is missing."), if it is.
 */
skipped: string | null, columns: Array<Column>, 
/**
 * True once full text is built; before, Find looks through a part only.
 */
indexed: boolean, };

export type Objects = { objects: Array<ObjectTab>, };

export type ObjectsRequest = { connection: string, };

export type OpenDemo = Record<symbol, never>;

export type OpenSnapshot = { connection: string, object: string, sort: Sort | null, 
/**
 * Words to find, every word a prefix.
 */
find: string | null, };

/**
 * One value, decided in Rust; the window never derives it (mission inventory DIAG-02, and the life cycle around it).
 */

export type OperationalState = "pending_setup" | "active" | "syncing" | "backfilling" | "draining_queue" | "queue_backed_up" | "synthesis_error" | "stale" | "rate_limited" | "setup_error" | "auth_error" | "error" | "paused" | "inactive";

/**
 * The address the browser ended on, when it could not reach this computer. It holds a code that is used at once.
 */

export type PasteCallback = { attempt: string, address: string, };

export type PauseSync = { connection: string, };

export type PauseUntil = { connection: string, 
/**
 * ISO time; none pauses until somebody resumes.
 */
until: string | null, };

export type PersistentError = { code: Code, 
/**
 * The object type concerned; none: the whole connection.
 */
object: string | null, title: string, text: string, first_at: string, last_at: string, count: number, 
/**
 * Since when it is over.
 */
resolved_at: string | null, };

/**
 * Chooses about properties: whether they are stored, have a column, may be seen by agents. What is left out stays as it
 * is. A column and agents imply that it is stored; not stored implies neither, and takes the values out of the copy.
 */

export type Pick = { connection: string, object: string, properties: Array<string>, store: boolean | null, column: boolean | null, agent: boolean | null, 
/**
 * Change nothing; the answer says what would have to be fetched.
 */
plan: boolean, };

export type PickRow = { property: string, label: string, column: string, exposed: boolean, };

export type Picks = { picks: Array<PickRow>, 
/**
 * Properties whose values old records have yet to get; the next sync fetches them.
 */
refill: Array<string>, 
/**
 * The calls to HubSpot that this will take: one per hundred records.
 */
refill_calls: number, };

export type PicksRequest = { connection: string, object: string, };

/**
 * What the last copy of everything was expected to cost, and what it did cost.
 */

export type PlanAndFact = { plan: Cost, 
/**
 * None while it runs.
 */
fact: Cost | null, 
/**
 * It was cut and continued, so that the fact holds the last part only.
 */
interrupted: boolean, };

export type PoolBudget = { used: number, 
/**
 * None: the server declares no limit.
 */
max: number | null, interval_seconds: number, };

/**
 * Requests, by the limit they count against.
 */

export type PoolCalls = { general: number, search: number, associations: number, };

export type PortalIdentity = { portal: string, 
/**
 * "standard account", "developer test account", …
 */
account: string, region: string | null, ui_domain: string | null, time_zone: string | null, currency: string | null, };

/**
 * What is proved of a connection's copy.
 */

export type Proof = { 
/**
 * "Counts agree for 9 of 9 types (27 Nov 02:10); values compared for none."
 */
sentence: string, types: Array<TypeProof>, 
/**
 * A proof is being made now.
 */
running: boolean, };

/**
 * One finding about one type.
 */

export type ProofFinding = { finding: Finding, outcome: ProofOutcome, at: string, 
/**
 * What it proves, in one or two sentences.
 */
sentence: string, 
/**
 * Records compared.
 */
compared: number, 
/**
 * In HubSpot, not here.
 */
missing: number, 
/**
 * Here, not in HubSpot.
 */
extra: number, 
/**
 * Here and there, and not the same.
 */
wrong: number, 
/**
 * Of these three, the ones that are right now.
 */
repaired: number, calls: number, };

/**
 * What came of it.
 */

export type ProofOutcome = "equal" | "repaired" | "different" | "unproven";

export type Properties = { object: string, 
/**
 * Live records here; what storing another property costs follows from it: one call per hundred.
 */
records: number, 
/**
 * When values were last counted; none before the first time.
 */
counted_at: string | null, 
/**
 * In the portal's order: by group, then as shown there.
 */
properties: Array<PropertyRow>, };

export type PropertiesRequest = { connection: string, object: string, };

export type PropertyGroup = { label: string, properties: Array<PropertyValue>, };

export type PropertyRow = { name: string, label: string, 
/**
 * The heading under which the portal shows it.
 */
group: string, 
/**
 * HubSpot's type (`string`, `number`, `date`, `datetime`, `enumeration`, `bool`, …) and field type (`text`, `select`,
 * `calculation_equation`, …).
 */
kind: string, field_type: string, description: string | null, 
/**
 * Asked for and kept.
 */
stored: boolean, 
/**
 * It has a typed, indexed column, of this name in the type's table.
 */
picked: boolean, column: string | null, 
/**
 * Agents may see it.
 */
exposed: boolean, 
/**
 * Why it cannot be switched off, if it cannot.
 */
locked: string | null, sensitivity: Sensitivity, calculated: boolean, read_only: boolean, unique: boolean, hidden: boolean, 
/**
 * The portal's own, not HubSpot's.
 */
custom: boolean, 
/**
 * It is gone from HubSpot; values that came before are kept.
 */
gone: boolean, 
/**
 * Records with a value, of those looked at (all, or some thousands spread over all); none before they were counted.
 */
filled: number | null, of: number | null, 
/**
 * Different values; none when there are more than two hundred, or before they were counted.
 */
distinct: number | null, 
/**
 * The most frequent values first. None of sensitive properties.
 */
samples: Array<PropertySample>, 
/**
 * What it is used for here: `title`, `subtitle`, `find`, `view`.
 */
used: Array<string>, 
/**
 * It was switched on, and old records have yet to get its values.
 */
refilling: boolean, };

export type PropertySample = { 
/**
 * As shown to people: options by their labels; cut to 80 characters.
 */
value: string, 
/**
 * How many of the records looked at have it, where values are few enough to be counted.
 */
count: number | null, };

export type PropertyValue = { name: string, label: string, kind: ColumnKind, value: Cell, calculated: boolean, sensitive: boolean, 
/**
 * It is asked for and kept; otherwise an empty value says nothing.
 */
stored: boolean, description: string | null, };

export type QueryAnswer = { columns: Array<string>, 
/**
 * Numbers, texts, nulls; blobs as `x'…'`. Integers beyond 2^53 are texts.
 */
rows: (string | number | null)[][], 
/**
 * Why there would have been more, if there would.
 */
cut: string | null, };

export type QueryRequest = { connection: string, sql: string, };

export type QueueState = "empty" | "draining" | "backed_up";

export type ReadAppKit = { 
/**
 * A project folder, or its app file.
 */
folder: string, };

/**
 * How records are read.
 */

export type ReadingWay = "list" | "list+batch" | "search" | "search+batch";

/**
 * The record's page at HubSpot; only ever on a HubSpot host. None for the demo portal.
 */

export type RecordLink = { url: string | null, };

export type RecordLinkRequest = { connection: string, object: string, id: string, };

export type RecordPage = { object: string, 
/**
 * May differ from the asked id: a merged record answers as its survivor.
 */
id: string, singular: string, title: string, 
/**
 * "Lead · Directrice des achats · Atelier Cycle Lyon"
 */
subtitle: Array<string>, archived: boolean, created_at: string | null, updated_at: string | null, synced_at: string | null, groups: Array<PropertyGroup>, 
/**
 * Properties with a value here, and all defined ones.
 */
filled: number, defined: number, linked: Array<LinkedGroup>, };

export type RecordRequest = { connection: string, object: string, id: string, };

/**
 * One return address and whether its port can be had right now.
 */

export type RedirectAddress = { port: number, address: string, free: boolean, 
/**
 * "node, process 4121", where the system tells.
 */
taken_by: string | null, };

export type RenameConnection = { connection: string, name: string, };

export type RequestGroup = { 
/**
 * `429 RATE_LIMITS`
 */
kind: string, count: number, last_at: string, };

/**
 * The last requests of this process, newest first: paths without ids or values, no bodies, no headers.
 */

export type RequestLog = { rows: Array<RequestRow>, 
/**
 * Failures of one kind together, most frequent first.
 */
groups: Array<RequestGroup>, };

export type RequestLogRequest = { 
/**
 * Of this connection; none for all.
 */
connection: string | null, 
/**
 * Only answers of 400 and above, and those that never came.
 */
failed: boolean, };

export type RequestRow = { at: string, connection: string, method: string, 
/**
 * `/crm/objects/2026-03/contacts/{id}`
 */
path: string, 
/**
 * None: no answer came.
 */
status: number | null, ms: number, 
/**
 * 1 for the first try.
 */
attempt: number, 
/**
 * HubSpot's category, or how the connection was lost.
 */
reason: string | null, correlation_id: string | null, };

export type ResumeSync = { connection: string, };

export type Row = { id: string, 
/**
 * Gone since the snapshot was opened.
 */
gone: boolean, 
/**
 * In the order of the asked columns.
 */
cells: Array<Cell>, };

export type Rows = { start: number, rows: Array<Row>, 
/**
 * Records of this type changed since the snapshot was opened.
 */
changed: number, };

/**
 * Starts checks in the background; `doctor` tells how they go.
 */

export type RunDoctor = { 
/**
 * Ids of rows to run again; empty runs all.
 */
only: Array<string>, };

export type RunLog = { 
/**
 * `import`, `sync`, `poll`, `proof`
 */
kind: string, 
/**
 * `running`, `done`, `failed`, `cancelled`, `interrupted`
 */
state: string, started_at: string, finished_at: string | null, streams: Array<RunLogStream>, };

export type RunLogRequest = { connection: string, 
/**
 * So many of the latest; at most 100.
 */
limit: number, };

export type RunLogStream = { 
/**
 * `contacts`, or `links:contacts>companies`
 */
stream: string, 
/**
 * `done`, `skipped`, `failed`, `cut`
 */
state: string, 
/**
 * Records: `list`, `search` (both with `+batch` where properties are read apart), `changes`. Links: `all`, `changes`. A
 * proof: its findings.
 */
way: string | null, 
/**
 * Records that there were to read: all of a type in an import or a full reading, else those found changed, or on one
 * side only. Of links: records whose links were to be read. None where nothing was asked.
 */
found: number | null, 
/**
 * Records, or links, that were written because they were new or different.
 */
stored: number, 
/**
 * Records, or links, that were read and are the same here.
 */
unchanged: number, 
/**
 * Records archived, merged or erased; links that are no longer there.
 */
removed: number, 
/**
 * Records set aside, or whose links could not be read.
 */
skipped: number, 
/**
 * Requests sent for this stream alone.
 */
calls: number, reason: string | null, started_at: string, finished_at: string, };

/**
 * The latest runs, newest first, each with what its streams did. One that was killed has no streams.
 */

export type RunLogs = { runs: Array<RunLog>, };

export type RunProgress = { 
/**
 * True for the run that fills the mirror for the first time.
 */
first_import: boolean, started_at: string | null, 
/**
 * Stopped half way before and continued: "Continued from 716,000 (stopped at 13:40)".
 */
continued: string | null, 
/**
 * Records and links still to come; none while totals are unknown.
 */
to_go: Total | null, 
/**
 * Whole percent committed, rounded down; 100 only when all is committed. None while unknown.
 */
percent: number | null, 
/**
 * Records a second, 30 s moving average; none when nothing moves.
 */
rate: number | null, 
/**
 * "about 9 min", by the rules of steady display; none when it would be a guess.
 */
left: string | null, 
/**
 * Records a second, one value per interval, oldest first (at most 60).
 */
history: Array<number>, 
/**
 * Seconds since HubSpot last answered, when over 5.
 */
silent_seconds: number | null, 
/**
 * Facts of the last finished run: "12,480 records in 21 s, 180 requests, 0 errors".
 */
finished: string | null, };

/**
 * One run to its end.
 */

export type RunSync = { connection: string, full: boolean, 
/**
 * `all` or an ISO date or time; none keeps the window as it is.
 */
since: string | null, 
/**
 * Stay through a daily limit.
 */
wait: boolean, };

/**
 * Saves the bundle that was previewed as one zip file.
 */

export type SaveBundle = { id: string, 
/**
 * A file that is not there yet; empty: the downloads folder.
 */
path: string, };

export type SavedBundle = { path: string, };

/**
 * When the connection is looked at next, and why then.
 */

export type Schedule = { 
/**
 * This process keeps the schedule; without it, nothing is done by itself.
 */
kept: boolean, cadence_minutes: number, next: NextKind, 
/**
 * When that begins, if it is known.
 */
next_at: string | null, 
/**
 * "Next check at the full hour …": one sentence.
 */
sentence: string, 
/**
 * `22:00-06:00`, by this computer's clock.
 */
quiet_hours: string | null, quiet_now: boolean, paused_until: string | null, 
/**
 * The daily limit is lifted then.
 */
resumes_at: string | null, 
/**
 * Runs in a row that failed.
 */
failures: number, };

export type ScopeGroup = "read" | "optional";

export type ScopeInfo = { scope: string, group: ScopeGroup, 
/**
 * Why it is asked for: "Copy contacts."
 */
reason: string, 
/**
 * Plural labels of the record types that need it.
 */
objects: Array<string>, };

/**
 * Scopes as the app declares them. HubSpot wants both sides to agree group by group (API.md 2.7).
 */

export type ScopeSets = { required: Array<string>, conditional: Array<string>, optional: Array<string>, };

export type ScopeStanding = { scope: string, standing: Standing, 
/**
 * Why it is asked for.
 */
reason: string, 
/**
 * Plural labels of the record types that need it.
 */
objects: Array<string>, };

/**
 * Every scope Portside has a use for, in the order to show them.
 */

export type Scopes = { scopes: Array<ScopeInfo>, };

export type ScopesRequest = Record<symbol, never>;

export type Sensitivity = "non_sensitive" | "sensitive" | "highly_sensitive";

export type SetTheme = { theme: Theme, };

export type Setting = { 
/**
 * `cadence_minutes`, …; stable.
 */
key: string, label: string, 
/**
 * What it does, in a sentence or two.
 */
text: string, kind: SettingKind, 
/**
 * As it is written; lists and maps as JSON.
 */
value: string, default: string, 
/**
 * Somebody has chosen it.
 */
changed: boolean, 
/**
 * What can be chosen, in words.
 */
allowed: string, 
/**
 * The choices of a `choice`, or the types for `objects`.
 */
choices: Array<string>, 
/**
 * Bounds of a `number`, with its unit.
 */
least: number | null, most: number | null, unit: string | null, };

export type SettingKind = "number" | "choice" | "window" | "hours" | "bound" | "texts" | "filters" | "objects";

export type Settings = { settings: Array<Setting>, 
/**
 * What the filters and exclusions leave out of everything derived, one sentence each; the copy keeps it.
 */
filters: Array<string>, };

export type SettingsRequest = { connection: string, };

/**
 * Which way in is the right one, what it needs, and the words that show a wrong one.
 */

export type SetupHelp = { flow: string, permissions: Array<string>, 
/**
 * HubSpot's own words on a page that belongs to another product.
 */
wrong_flow_error: string, wrong_flow_help: string, };

/**
 * Leaves an object type out, or takes it up again.
 */

export type SkipObject = { connection: string, 
/**
 * Table name: `tickets`.
 */
object: string, skip: boolean, };

/**
 * An ordered set of records that does not move while the sync runs.
 */

export type Snapshot = { snapshot: string, 
/**
 * Rows in it.
 */
total: number, 
/**
 * Live records of this type when it was opened.
 */
all: number, 
/**
 * Only a part was looked through (Find before the index is built).
 */
partial: boolean, ms: number, };

export type SnapshotRows = { snapshot: string, 
/**
 * Position of the first row, from 0.
 */
start: number, count: number, columns: Array<string>, };

export type Sort = { column: string, descending: boolean, };

export type Standing = "granted" | "missing" | "unknown";

export type StartChecks = { draft: string, 
/**
 * Ids of checks to run again; empty runs all.
 */
only: Array<string>, };

export type StartSync = { connection: string, 
/**
 * Read every record and link again into the same rows.
 */
full: boolean, };

/**
 * Proves the copy in the background.
 */

export type StartVerify = { connection: string, deep: boolean, };

/**
 * Asks no more for the plan of a draft; whoever waits for it is told so.
 */

export type StopDraftPlan = { draft: string, };

export type StreamReport = { object: string, 
/**
 * What HubSpot counts; none while unknown.
 */
found: number | null, stored: number, 
/**
 * Records set aside (mirror table `quarantine`).
 */
skipped: number, state: StreamState, reason: string | null, };

export type StreamState = "queued" | "counting" | "filling" | "linking" | "indexing" | "checking" | "waiting" | "done" | "skipped" | "failed" | "paused";

/**
 * What the next run of a connection will read, how, and what that costs. Asking changes nothing here.
 */

export type SyncPlan = { 
/**
 * None for one that is still being set up.
 */
connection: string | null, 
/**
 * "About 52 s: 1,020 requests, 310 MB on this disk."
 */
sentence: string, types: Array<TypePlan>, 
/**
 * Requests by what they are for.
 */
definitions: PoolCalls, records: PoolCalls, links: PoolCalls, checks: PoolCalls, cost: Cost, 
/**
 * Requests the whole account may make today, and how many it has made; none where HubSpot does not tell.
 */
daily_limit: number | null, daily_used: number | null, 
/**
 * Percent of the daily limit that this run takes.
 */
daily_percent: number | null, };

export type SyncPlanRequest = { connection: string, 
/**
 * As if everything were to be read again.
 */
full: boolean, };

export type SyncReport = { done: boolean, state: OperationalState, error: WireError | null, streams: Array<StreamReport>, links: number, requests: number, milliseconds: number, 
/**
 * Of these, what building full text and other indexes took.
 */
index_milliseconds: number, 
/**
 * Of a copy of everything: what was foretold, and what it took. None for a run that read only changes.
 */
plan: PlanAndFact | null, 
/**
 * When the daily limit is lifted, where HubSpot tells.
 */
resumes_at: string | null, };

export type Theme = "system" | "light" | "dark";

/**
 * A number with its quality.
 */

export type Total = { value: number, 
/**
 * False: an estimate, shown with ≈.
 */
exact: boolean, };

export type Trouble = { 
/**
 * `key_ended`, `scope_lost`, `daily_limit`, …
 */
id: string, label: string, 
/**
 * What will be seen.
 */
text: string, on: boolean, };

/**
 * Troubles the demo portal can make, to see what Portside does about them.
 */

export type Troubles = { troubles: Array<Trouble>, };

export type TroublesRequest = Record<symbol, never>;

export type TypeAges = { object: string, 
/**
 * Up to when changes are read.
 */
records_at: string | null, definitions_at: string | null, 
/**
 * When all links were read, of the pair for which that is longest ago.
 */
links_at: string | null, 
/**
 * The list of archived records.
 */
archived_at: string | null, 
/**
 * Calculated properties, whose changes move no stamp.
 */
calculated_at: string | null, 
/**
 * The last finding that held, of whichever kind.
 */
proved_at: string | null, };

/**
 * One object type in a plan.
 */

export type TypePlan = { 
/**
 * Table name: `contacts`.
 */
object: string, label: string, 
/**
 * Records to read: inside the window, or changed since the last run.
 */
records: Total, 
/**
 * Only what changed is read.
 */
changes: boolean, properties: number, 
/**
 * Side by side where there are two; none where the type is skipped.
 */
ways: Array<ReadingWay>, 
/**
 * Records expected by the list and by search.
 */
by_list: number, by_search: number, 
/**
 * Why the type is skipped.
 */
reason: string | null, };

/**
 * The latest findings about one type; none where it was never compared.
 */

export type TypeProof = { 
/**
 * Table name.
 */
object: string, 
/**
 * Plural label.
 */
label: string, counts: ProofFinding | null, ids: ProofFinding | null, values: ProofFinding | null, 
/**
 * HubSpot's search does not find every record of this type: it is listed instead.
 */
search_incomplete: boolean, };

/**
 * The passphrase of an earlier start, once.
 */

export type UnlockVault = { passphrase: string, };

/**
 * What was given for one connection opens another portal: it becomes one of its own, without being given again.
 */

export type UseAsNewConnection = { draft: string, };

/**
 * The passphrase, once: it is kept in memory only, until the app ends.
 */

export type UseEncryptedFile = { 
/**
 * At least 10 characters.
 */
passphrase: string, };

/**
 * Moves all keys from the encrypted file to the system keychain.
 */

export type UseKeychain = Record<symbol, never>;

/**
 * Proves the copy, and waits for it.
 */

export type Verify = { connection: string, 
/**
 * All three findings; otherwise the first.
 */
deep: boolean, };

export type VerifyCost = { object: string, label: string, records: number, search_calls: number, general_calls: number, };

/**
 * What a proof will cost, nothing being different.
 */

export type VerifyPlan = { types: Array<VerifyCost>, 
/**
 * Calls to HubSpot's search, which has a limit of its own, and all others.
 */
search_calls: number, general_calls: number, 
/**
 * As the limits allow.
 */
seconds: number, 
/**
 * Of the day's calls, 0 to 1; none where HubSpot does not report a daily limit.
 */
daily_share: number | null, sentence: string, };

export type VerifyPlanRequest = { connection: string, deep: boolean, };

/**
 * How a proof ended.
 */

export type VerifyReport = { 
/**
 * It came to its end.
 */
done: boolean, state: OperationalState, error: WireError | null, 
/**
 * The worst of all findings; none when nothing was compared.
 */
outcome: ProofOutcome | null, 
/**
 * What this proof found.
 */
types: Array<TypeProof>, 
/**
 * Types that are not in the copy, and why.
 */
skipped: Array<VerifySkipped>, requests: number, milliseconds: number, 
/**
 * When the daily limit starts anew, if that ended it.
 */
resumes_at: string | null, };

export type VerifySkipped = { object: string, reason: string, };

/**
 * A refusal a person can act on.
 */

export type WireError = { code: Code, 
/**
 * What happened, in one short sentence.
 */
title: string, 
/**
 * Why, in one sentence; may be empty.
 */
text: string, 
/**
 * What to do, step by step.
 */
fix: Array<string>, 
/**
 * Buttons that help, best first.
 */
actions: Array<ErrorAction>, 
/**
 * HTTP status, category, correlation id, path without values; may be empty. Never a secret.
 */
technical: string, };

/**
 * Where to write the user's HubSpot developer project.
 */

export type WriteAppKit = { 
/**
 * Made if it is missing. A file of another content is never overwritten.
 */
folder: string, 
/**
 * The app's name in HubSpot.
 */
app_name: string, scopes: ScopeSets, port: number | null, };

/** Every operation: its request and its answer. */
export interface Operations {
  app_info: [AppInfoRequest, AppInfo];
  set_theme: [SetTheme, Done];
  use_encrypted_file: [UseEncryptedFile, Done];
  unlock_vault: [UnlockVault, Done];
  use_keychain: [UseKeychain, Done];
  connections: [ConnectionsRequest, Connections];
  begin_key: [BeginKey, KeyDraft];
  start_checks: [StartChecks, Checks];
  checks: [ChecksRequest, Checks];
  use_as_new_connection: [UseAsNewConnection, KeyDraft];
  discard_draft: [DiscardDraft, Done];
  draft_plan: [DraftPlan, SyncPlan];
  stop_draft_plan: [StopDraftPlan, Done];
  finish_connect: [FinishConnect, Connected];
  scopes: [ScopesRequest, Scopes];
  oauth_setup: [OauthSetupRequest, OauthSetup];
  begin_oauth: [BeginOauth, OauthAttempt];
  oauth_attempt: [AttemptRequest, OauthAttempt];
  paste_callback: [PasteCallback, OauthAttempt];
  cancel_oauth: [AttemptRequest, Done];
  write_app_kit: [WriteAppKit, AppKit];
  read_app_kit: [ReadAppKit, AppKitFound];
  open_demo: [OpenDemo, Connected];
  connection_status: [ConnectionStatusRequest, ConnectionStatus];
  sync_plan: [SyncPlanRequest, SyncPlan];
  start_sync: [StartSync, Done];
  pause_sync: [PauseSync, Done];
  resume_sync: [ResumeSync, Done];
  pause_until: [PauseUntil, Done];
  run_log: [RunLogRequest, RunLogs];
  settings: [SettingsRequest, Settings];
  change_setting: [ChangeSetting, Settings];
  skip_object: [SkipObject, Settings];
  rename_connection: [RenameConnection, Done];
  disconnect_plan: [DisconnectPlanRequest, DisconnectPlan];
  disconnect: [Disconnect, Disconnected];
  objects: [ObjectsRequest, Objects];
  open_snapshot: [OpenSnapshot, Snapshot];
  snapshot_rows: [SnapshotRows, Rows];
  close_snapshot: [CloseSnapshot, Done];
  record: [RecordRequest, RecordPage];
  record_link: [RecordLinkRequest, RecordLink];
  doctor: [DoctorRequest, Doctor];
  run_doctor: [RunDoctor, Doctor];
  request_log: [RequestLogRequest, RequestLog];
  bundle: [BundleRequest, Bundle];
  save_bundle: [SaveBundle, SavedBundle];
  troubles: [TroublesRequest, Troubles];
  make_trouble: [MakeTrouble, Troubles];
  await_oauth: [AwaitOauth, Connected];
  examine: [RunDoctor, Doctor];
  connect_key: [ConnectKey, Connected];
  run_sync: [RunSync, SyncReport];
  query: [QueryRequest, QueryAnswer];
  picks: [PicksRequest, Picks];
  pick: [Pick, Picks];
  properties: [PropertiesRequest, Properties];
  verify: [Verify, VerifyReport];
  start_verify: [StartVerify, Done];
  verify_plan: [VerifyPlanRequest, VerifyPlan];
}
