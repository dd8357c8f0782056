// Opening the wizard for a connection that is there: why, and what is known of it before.
import type { ConnectionKind, ConnectionStatus } from "../../backend/generated/wire";

export type Way = Exclude<ConnectionKind, "demo">;
/** Setup to be continued; a connection that HubSpot ended; another key while the old one works; more permissions. */
export type Why = "setup" | "reconnect" | "replace" | "grow";

/** A connection whose account and way of signing in stay. */
export interface Again {
  connection: string;
  name: string;
  kind: Way;
  why: Why;
  hint: string | null;
  setAt: string | null;
  allHistory: boolean;
}

export function againFor(status: ConnectionStatus, why: Why): Again | null {
  if (status.kind === "demo") return null;
  return {
    connection: status.connection,
    name: status.name,
    kind: status.kind,
    why: status.state === "pending_setup" || status.state === "setup_error" ? "setup" : why,
    hint: status.key_hint,
    setAt: status.key_set_at,
    allHistory: status.since === "all",
  };
}
