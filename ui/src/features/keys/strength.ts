// How long a passphrase would hold, in words. An estimate for the one who types it; what is required is decided in Rust.
export const SHORTEST = 10;
export type Strength = "short" | "weak" | "fair" | "strong";

/** What people type first. */
const COMMON = /pass(word|wort|phrase)?|portside|hubspot|qwert[yz]?|letmein|admin|welcome|iloveyou|abc123|\d{4}$/gi;

export function strengthOf(text: string): Strength {
  const typed = [...text];
  if (typed.length < SHORTEST) return "short";
  const rest = [...text.replaceAll(COMMON, "x")];
  // A repeated or a next character (aaaa, 1234) adds next to nothing.
  const fresh = rest.filter((char, at) => at === 0 || Math.abs((char.codePointAt(0) ?? 0) - (rest[at - 1]?.codePointAt(0) ?? 0)) > 1);
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^\p{L}\d]/u, /[^\p{ASCII}]/u];
  const sizes = [26, 26, 10, 20, 40];
  const pool = kinds.reduce((sum, kind, at) => sum + (kind.test(text) ? (sizes[at] ?? 0) : 0), 0);
  const bits = Math.min(fresh.length, new Set(rest).size * 2.5) * Math.log2(Math.max(2, pool));
  return bits < 50 ? "weak" : bits < 80 ? "fair" : "strong";
}
