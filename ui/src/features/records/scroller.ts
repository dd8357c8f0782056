// Scrolling through more rows than a web view can be tall: arithmetic only, no DOM and no clock.
//
// Engines clamp the height of an element (33.5 million px, divided by the device scale in some), so the spacer that
// makes the scrollbar stays far below that and two positions are kept: where the thumb is, and where the rows are.
// Small moves go one to one, drags proportionally, both ends are exact, and when all is quiet the thumb is put back
// where the rows are. Deliberately absent: variable row heights.

/** No spacer is taller than this, in px. */
export const SPACER_MAX = 8_000_000;

/** A move of more than this many views is a drag (or a jump) and not a turn of the wheel. */
const DRAG_VIEWS = 1.5;

/** The thumb keeps so many views away from an end that the rows have not reached; less than a px of the scrollbar. */
const ROOM_VIEWS = 4;

/** What is scrolled through. Heights in px. */
export interface Track {
  rows: number;
  rowHeight: number;
  /** Of the rows' part of the view, without the header. */
  viewHeight: number;
}

/** Both positions, in px: of the thumb (as the element reports it) and of the rows. */
export interface Position {
  thumb: number;
  rows: number;
}

const full = (track: Track): number => track.rows * track.rowHeight;

/** Height of the spacer. */
export const spacer = (track: Track): number => Math.min(full(track), SPACER_MAX);

/** Furthest position of the rows: the last one ends at the lower edge. */
export const rowsMax = (track: Track): number => Math.max(0, full(track) - track.viewHeight);

/** Furthest position of the thumb. */
export const thumbMax = (track: Track): number => Math.max(0, spacer(track) - track.viewHeight);

/** Px of rows for each px of the thumb. One where all fits below the cap. */
export function ratio(track: Track): number {
  const reach = thumbMax(track);
  return reach > 0 ? rowsMax(track) / reach : 1;
}

const clamp = (value: number, from: number, to: number): number => Math.min(Math.max(value, from), to);

/** Where the rows are after the element reported `thumb`. */
export function follow(track: Track, last: Position, thumb: number): Position {
  const moved = thumb - last.thumb;
  // Our own re-centring comes back as an event: it must not move the rows.
  if (moved === 0) return { thumb, rows: clamp(last.rows, 0, rowsMax(track)) };
  if (thumb <= 0) return { thumb, rows: 0 };
  if (thumb >= thumbMax(track) - 1) return { thumb, rows: rowsMax(track) };
  const small = Math.abs(moved) < DRAG_VIEWS * track.viewHeight;
  // Whole px: text between two px is blurred.
  const rows = small ? last.rows + moved : Math.round(thumb * ratio(track));
  return { thumb, rows: clamp(rows, 0, rowsMax(track)) };
}

/** Where the thumb belongs for these rows: a whole number, and never near an end unless the rows are at it. */
export function thumbFor(track: Track, rows: number): number {
  const reach = thumbMax(track);
  if (rows <= 0) return 0;
  if (rows >= rowsMax(track)) return reach;
  const place = Math.round(rows / ratio(track));
  if (ratio(track) === 1) return place;
  // Room for the wheel: without it, the last turns before an end would find the thumb there already and skip rows.
  const room = Math.min(ROOM_VIEWS * track.viewHeight, Math.floor(reach / 4));
  return clamp(place, room, Math.floor(reach) - room);
}

/** The thumb to set once nothing moves any more; none when it is where it belongs. */
export function settle(track: Track, position: Position): number | null {
  const thumb = thumbFor(track, position.rows);
  return Math.abs(thumb - position.thumb) > 1 ? thumb : null;
}

/** The rows moved just so far that `row` is fully in view; the same when it is already. */
export function reveal(track: Track, rows: number, row: number): number {
  const top = row * track.rowHeight;
  const bottom = top + track.rowHeight - track.viewHeight;
  const moved = rows > top ? top : rows < bottom ? bottom : rows;
  return clamp(moved, 0, rowsMax(track));
}

/** First and last row that show at least one px; the last is below the first when there are no rows. */
export function shown(track: Track, rows: number): { first: number; last: number } {
  if (track.rows === 0) return { first: 0, last: -1 };
  const first = Math.floor(rows / track.rowHeight);
  const last = Math.ceil((rows + Math.max(1, track.viewHeight)) / track.rowHeight) - 1;
  return { first: clamp(first, 0, track.rows - 1), last: clamp(last, 0, track.rows - 1) };
}
