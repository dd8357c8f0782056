// What is proved, finding by finding, over all types. The worst comes first; one finding says nothing about another.
import type { IconName } from "../../design/icons";
import type { Finding, Proof, ProofFinding, TypeProof } from "../../backend/generated/wire";
import type { Tone } from "../../backend/errors";
import { en } from "../../messages/en";

export const FINDINGS: readonly Finding[] = ["counts", "ids", "values"];

export interface Look {
  tone: Tone;
  icon: IconName;
}
const LOOKS: Record<ProofFinding["outcome"], Look> = {
  equal: { tone: "ok", icon: "check" },
  repaired: { tone: "ok", icon: "wrench" },
  different: { tone: "err", icon: "cross" },
  unproven: { tone: "warn", icon: "warn" },
};
export const look = (of: ProofFinding | null): Look => (of ? LOOKS[of.outcome] : { tone: "idle", icon: "dash" });

export interface Summary extends Look {
  finding: Finding;
  /** "8 of 8 types", "2 types differ", "not yet". */
  words: string;
  /** The oldest of its times: nothing is newer than that for all. */
  at: string | null;
}

export function summary(proof: Proof, finding: Finding): Summary {
  const made = proof.types.map((type) => type[finding]).filter((one) => one !== null);
  const by = (outcome: ProofFinding["outcome"]) => made.filter((one) => one.outcome === outcome);
  const at = made.map((one) => one.at).sort()[0] ?? null;
  if (made.length === 0) return { finding, words: en.proof.never, at, ...look(null) };
  const differ = by("different").length;
  if (differ > 0) return { finding, words: en.proof.differ(differ), at, ...LOOKS.different };
  const unproven = by("unproven").length;
  if (unproven > 0) return { finding, words: en.proof.unproven(unproven), at, ...LOOKS.unproven };
  const repaired = by("repaired").reduce((sum, one) => sum + one.repaired, 0);
  const all = proof.types.length;
  const words = repaired > 0 ? en.proof.ofRepaired(made.length, all, repaired) : en.proof.of(made.length, all);
  return { finding, words, at, ...LOOKS.equal };
}

export function cell(of: ProofFinding): string {
  const words = en.proof.cell;
  if (of.outcome === "repaired") return words.repaired(of.repaired);
  if (of.outcome === "different") return words.different(of.missing + of.extra + of.wrong - of.repaired);
  return words[of.outcome];
}

/** What differs first, then as they come. */
export const ordered = (types: TypeProof[]): TypeProof[] => {
  const bad = (type: TypeProof) => FINDINGS.some((finding) => type[finding]?.outcome === "different");
  return [...types.filter(bad), ...types.filter((type) => !bad(type))];
};
