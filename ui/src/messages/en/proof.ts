// Words of the proof: three findings, never one word.
import { counted } from "../../design/format";

export const proof = {
  title: "Proof",
  findings: { counts: "Counts agree", ids: "Every id compared", values: "Values compared" },
  differing: { counts: "Counts differ", ids: "Ids differ", values: "Values differ" },
  explain: {
    counts: "HubSpot's totals against this copy, in 64 ranges of ids and 16 of dates for each type. Daily.",
    ids: "All ids, read again by the way that did not make the copy. Weekly, while it takes less than 5 % of a day's requests.",
    values: "The values of a random sample. With every id.",
  },
  of: (n: number, all: number) => `${n} of ${all} types`,
  ofRepaired: (n: number, all: number, repaired: number) => `${n} of ${all}, ${repaired} repaired`,
  never: "not yet",
  yesterday: "yest.",
  differ: (n: number) => `in ${counted(n, "type", "types")}`,
  unproven: (n: number) => `${n} not compared`,
  now: "Verify now",
  running: "Verifying…",
  how: "How to verify",
  plain: "Compare counts",
  deep: "Compare ids and values too…",
  byType: "By type",
  types: "Proof by type",
  object: "Object",
  close: "Close",
  done: "Done",
  counting: "Counting what it takes…",
  cell: {
    equal: "Agrees",
    repaired: (n: number) => `${n} repaired`,
    different: (n: number) => `${n} differ`,
    unproven: "Not compared",
  },
  listed: "read by list",
  listedWhy: "HubSpot's search does not find every record of this type, so the list is read instead.",
  dialog: {
    title: "Verify everything",
    text: "Counts, every id, and the values of a random sample. What differs is read again and put right.",
    cancel: "Cancel",
    start: "Verify",
  },
};
