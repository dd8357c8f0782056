// What the pretend core says of proofs.
import type { Finding, Proof, ProofFinding, ProofOutcome, TypeProof, VerifyPlan } from "../generated/wire";

const TYPES: [object: string, label: string, records: number][] = [
  ["contacts", "Contacts", 1_000_000], ["companies", "Companies", 84_044], ["deals", "Deals", 53_012], ["tickets", "Tickets", 9_411],
  ["notes", "Notes", 41_206], ["calls", "Calls", 18_733], ["products", "Products", 1_962], ["crm_users", "Users", 214],
];
const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

export function verifyPlan(deep: boolean): VerifyPlan {
  const types = TYPES.map(([object, label, records]) => ({ object, label, records, search_calls: 80, general_calls: deep ? Math.ceil(records / 100) : 3 }));
  const [search, general] = [types.reduce((n, one) => n + one.search_calls, 0), types.reduce((n, one) => n + one.general_calls, 0)];
  return { types, search_calls: search, general_calls: general, seconds: deep ? 690 : 128, daily_share: (search + general) / 625_000, sentence: deep ? "About 12 min, 12,730 requests." : "About 2 min, 664 requests." };
}

const finding = (finding: Finding, outcome: ProofOutcome, minutes: number, compared: number, more: Partial<ProofFinding> = {}): ProofFinding => ({
  finding, outcome, at: ago(minutes), sentence: "", compared, missing: 0, extra: 0, wrong: 0, repaired: 0, calls: 80, ...more,
});

/** Counts agree daily, ids weekly; values were compared once. */
export function proved(differs = false): Proof {
  const types = TYPES.map(([object, label, n], at): TypeProof => ({
    object,
    label,
    counts: object === "contacts" && differs ? finding("counts", "different", 300, n, { missing: 2, sentence: "2 contacts are in HubSpot and could not be read." }) : finding("counts", object === "deals" ? "repaired" : "equal", 300, n, object === "deals" ? { missing: 3, extra: 1, repaired: 4, sentence: "3 deals were missing and 1 was gone in HubSpot; all 4 are right now." } : { sentence: "64 id ranges and 16 date ranges have the same totals." }),
    ids: at < 3 ? finding("ids", "equal", 4 * 1440, n, { sentence: "Every id was read again by the other way." }) : null,
    values: object === "contacts" ? finding("values", "equal", 9 * 1440, 3_000, { sentence: "3,000 of 3,000 are the same: fewer than 0.1 % are wrong, with 95 % certainty." }) : null,
    search_incomplete: object === "notes",
  }));
  return { sentence: differs ? "Counts differ for Contacts." : "Counts agree for 8 of 8 types; every id compared for 3; values for 1.", types, running: false };
}
export const unproved = (): Proof => ({ sentence: "Nothing is proved yet: the first proof follows the import.", types: [], running: false });
