// How each refusal looks: one exhaustive table from code to tone and icon. The words come from Rust.
import type { Code, WireError } from "./generated/wire";

export type Tone = "ok" | "info" | "warn" | "err" | "hold" | "idle";
export type ErrorIcon = "key" | "warn" | "cross" | "plug" | "clock" | "lock" | "disk" | "pause-circle" | "search";
export interface Face {
  tone: Tone;
  icon: ErrorIcon;
}

const face = (tone: Tone, icon: ErrorIcon): Face => ({ tone, icon });

/** Red is only for "you must act"; violet waits by itself; amber can wait for you. */
export const FACES: Record<Code, Face> = {
  key_empty: face("warn", "key"),
  key_masked: face("err", "key"),
  key_is_client_secret: face("err", "key"),
  key_is_refresh_token: face("err", "key"),
  key_is_url: face("err", "key"),
  key_is_email: face("err", "key"),
  key_twice: face("err", "key"),
  key_rubbish: face("err", "key"),
  token_invalid: face("err", "key"),
  token_format: face("warn", "key"),
  client_id_wrong: face("err", "key"),
  client_secret_wrong: face("err", "key"),
  secret_is_key: face("err", "key"),
  wrong_flow_claude: face("warn", "warn"),
  no_marketplace_access: face("warn", "lock"),
  admin_approval: face("warn", "lock"),
  scopes_insufficient: face("warn", "lock"),
  scopes_mismatch: face("warn", "lock"),
  redirect_mismatch: face("warn", "plug"),
  user_denied: face("err", "cross"),
  state_mismatch: face("warn", "warn"),
  port_busy: face("err", "plug"),
  browser_not_opened: face("warn", "warn"),
  callback_timeout: face("warn", "clock"),
  callback_unusable: face("warn", "warn"),
  exchange_failed: face("err", "cross"),
  code_used: face("warn", "clock"),
  setup_cancelled: face("idle", "cross"),
  plan_stopped: face("idle", "clock"),
  app_kit_folder: face("err", "disk"),
  app_kit_unreadable: face("err", "search"),
  app_uninstalled: face("err", "plug"),
  client_secret_changed: face("err", "key"),
  token_delayed: face("warn", "clock"),
  account_gone: face("err", "plug"),
  auth_expired: face("err", "key"),
  missing_scope: face("warn", "lock"),
  wrong_account: face("err", "key"),
  name_taken: face("warn", "warn"),
  no_such_connection: face("err", "cross"),
  several_connections: face("warn", "warn"),
  disconnected: face("idle", "plug"),
  busy: face("hold", "clock"),
  bad_origin: face("err", "cross"),
  keychain_locked: face("err", "lock"),
  keychain_missing: face("err", "lock"),
  vault_passphrase: face("err", "lock"),
  vault_locked: face("warn", "lock"),
  offline: face("warn", "plug"),
  dns_failed: face("warn", "plug"),
  tls_failed: face("err", "plug"),
  proxy_failed: face("err", "plug"),
  timed_out: face("warn", "clock"),
  clock_skew: face("warn", "clock"),
  disk_low: face("warn", "disk"),
  account_moving: face("hold", "clock"),
  rate_limited: face("hold", "pause-circle"),
  daily_limit: face("hold", "pause-circle"),
  daily_share: face("hold", "pause-circle"),
  hubspot_trouble: face("warn", "warn"),
  unexpected_answer: face("err", "cross"),
  disk_full: face("err", "disk"),
  data_folder: face("err", "disk"),
  newer_database: face("err", "disk"),
  database_damaged: face("err", "disk"),
  not_read_only: face("err", "cross"),
  bad_query: face("err", "cross"),
  query_timed_out: face("warn", "clock"),
  no_such_object: face("warn", "search"),
  no_such_property: face("warn", "search"),
  no_such_record: face("idle", "search"),
  snapshot_gone: face("idle", "clock"),
  bad_request: face("err", "cross"),
  internal: face("err", "cross"),
};

/** What came out of a failed call, as a refusal. Anything that is not one is our own fault and says so. */
export function toWireError(caught: unknown): WireError {
  if (typeof caught === "object" && caught !== null && "code" in caught && (caught.code as string) in FACES) {
    return caught as WireError;
  }
  const technical = caught instanceof Error ? caught.message : typeof caught === "string" ? caught : "";
  return {
    code: "internal",
    title: "Something went wrong inside Portside.",
    text: "Nothing was lost. Try it once more.",
    fix: [],
    actions: ["try_again"],
    technical,
  };
}
