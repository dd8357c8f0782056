// Numbers, dates and durations as words. The only place that names Intl.

/** A number with its quality, as the contract carries it. */
interface Quality {
  value: number;
  exact: boolean;
}

const locale = "en";
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 6 });
const short = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 0 });
const short1 = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
const plural = new Intl.PluralRules(locale);
const money = new Map<string, Intl.NumberFormat>();
const moments = new Map<string, Intl.DateTimeFormat>();

/** What stands where there is nothing to say. */
export const NOTHING = "–";

export const count = (n: number): string => whole.format(n);

/** "1,204,331", "≈53,000", or "–" while unknown. */
export function total(of: Quality | null | undefined): string {
  if (!of) return NOTHING;
  return of.exact ? whole.format(of.value) : `≈${whole.format(of.value)}`;
}

/** "31k", "1.2M" for narrow places. */
export const compact = (n: number): string => (n < 1e6 ? short : short1).format(n).toLowerCase().replace("m", "M");

export const decimal = (n: number): string => plain.format(n);

/** "1 record", "2 records": `forms` name the singular and the plural. */
export const counted = (n: number, one: string, many: string): string =>
  `${whole.format(n)} ${plural.select(n) === "one" ? one : many}`;

export const percent = (n: number): string => `${Math.floor(n)} %`;

/** "720/s". Nothing moves: "–". */
export function rate(n: number | null | undefined): string {
  if (n === null || n === undefined) return NOTHING;
  return n > 0 && n < 1 ? "<1/s" : `${whole.format(n)}/s`;
}

/** "34 MB", "1.9 GB". */
export function megabytes(mb: number): string {
  if (mb < 1) return "less than 1 MB";
  if (mb < 1000) return `${whole.format(mb)} MB`;
  return `${(mb / 1000).toFixed(1)} GB`;
}

/** "2 ms", "1.4 s", "12 s", "3 min": how long one thing took. */
export function took(ms: number): string {
  if (ms < 1000) return `${Math.max(1, Math.round(ms))} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 60_000) return `${Math.round(ms / 1000)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

/** "7 s", "1:05", "1:02:05": what a countdown shows. Never negative. */
export function countdown(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds));
  if (left < 60) return `${left} s`;
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function moment(options: Intl.DateTimeFormatOptions, zone?: string | null): Intl.DateTimeFormat {
  const key = JSON.stringify(options) + (zone ?? "");
  let known = moments.get(key);
  if (!known) {
    try {
      known = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone ?? undefined });
    } catch {
      known = new Intl.DateTimeFormat("en-GB", options); // a zone this web view does not know
    }
    moments.set(key, known);
  }
  return known;
}

function parse(iso: string): Date | null {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** "14:28" today, "yesterday 14:28", "19 Nov", "19 Nov 2024": short, and never wrong about the day. */
export function when(iso: string | null | undefined, now: number = Date.now(), zone?: string | null): string {
  const at = iso ? parse(iso) : null;
  if (!at) return NOTHING;
  const clock = moment({ hour: "2-digit", minute: "2-digit" }, zone).format(at);
  const day = (t: Date) => moment({ year: "numeric", month: "2-digit", day: "2-digit" }, zone).format(t);
  const today = new Date(now);
  if (day(at) === day(today)) return clock;
  if (day(at) === day(new Date(now - 86_400_000))) return `yesterday ${clock}`;
  const year = (t: Date) => moment({ year: "numeric" }, zone).format(t);
  if (year(at) === year(today)) return moment({ day: "numeric", month: "short" }, zone).format(at);
  return moment({ day: "numeric", month: "short", year: "numeric" }, zone).format(at);
}

/** "2 min ago", "today 14:02", "yesterday", "19 Nov": how long ago something changed. */
export function ago(iso: string | null | undefined, now: number = Date.now(), zone?: string | null): string {
  const at = iso ? parse(iso) : null;
  if (!at) return NOTHING;
  const minutes = Math.floor((now - at.getTime()) / 60_000);
  if (minutes >= 0 && minutes < 1) return "just now";
  if (minutes >= 0 && minutes < 60) return `${minutes} min ago`;
  const short = when(iso, now, zone);
  return /^\d\d:\d\d$/.test(short) ? `today ${short}` : short.replace(/^(yesterday) .*/, "$1");
}

/** "new today", "1 day old", "12 days old", "8 months old": how long something has been in use. */
export function age(iso: string, now: number = Date.now()): string {
  const at = parse(iso);
  if (!at) return NOTHING;
  const days = Math.floor((now - at.getTime()) / 86_400_000);
  if (days < 1) return "new today";
  return days < 90 ? `${counted(days, "day", "days")} old` : `${counted(Math.floor(days / 30.44), "month", "months")} old`;
}

/** "14:28". */
export function clock(iso: string, zone?: string | null): string {
  const at = parse(iso);
  return at ? moment({ hour: "2-digit", minute: "2-digit" }, zone).format(at) : NOTHING;
}

/** "14:32:10", for waits that count in seconds. */
export function clockSeconds(iso: string, zone?: string | null): string {
  const at = parse(iso);
  return at ? moment({ hour: "2-digit", minute: "2-digit", second: "2-digit" }, zone).format(at) : NOTHING;
}

/** "19 November 2026, 14:28:07 CET": in full, for titles on hover. */
export function inFull(iso: string | null | undefined, zone?: string | null): string {
  const at = iso ? parse(iso) : null;
  if (!at) return "";
  return moment({ day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" }, zone).format(at);
}

/** "19 Nov 2026, 14:28" in the portal's zone. */
export function dateTime(iso: string, zone?: string | null): string {
  const at = parse(iso);
  return at ? moment({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }, zone).format(at) : iso;
}

/** "19 Nov 2026": a calendar day, which has no zone. */
export function date(iso: string): string {
  const at = parse(iso);
  return at ? moment({ day: "numeric", month: "short", year: "numeric" }, "UTC").format(at) : iso;
}

/** "€75,000.00", or the bare figure where the currency is unknown. */
export function amount(value: string, currency: string | null): string {
  const n = Number(value);
  if (value.trim() === "" || !Number.isFinite(n)) return value;
  if (!currency) return plain.format(n);
  let known = money.get(currency);
  if (!known) {
    try {
      known = new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
    } catch {
      known = plain;
    }
    money.set(currency, known);
  }
  return known.format(n);
}
