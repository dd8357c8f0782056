// Words of the records grid, the peek panel and the record page.
import { count, counted, took } from "../../design/format";

const page = {
  back: (plural: string) => `Back to ${plural}`,
  backToList: "Back to the list",
  position: (n: number, all: number) => `${count(n)} of ${count(all)}`,
  previous: "Previous record",
  next: "Next record",
  openInHubSpot: "Open in HubSpot",
  archived: "Archived in HubSpot",
  merged: (asked: string) => `${asked} was merged into this record. You are looking at the one that remains.`,

  properties: "Properties",
  onlyFilled: "Only filled",
  findProperty: "Find in properties",
  clearFind: "Clear",
  noneMatch: (words: string) => `No property matches “${words}”`,
  noneMatchFilled: "Empty properties are hidden.",
  showEmpty: "Show empty ones",
  noneFilled: "No property has a value",
  calculated: "Calculated",
  sensitive: "Sensitive",
  copyValue: (label: string) => `Copy ${label}`,
  copied: "Copied",
  copyId: "Copy id",
  copyFailed: "The clipboard could not be reached",
  altHint: "Hold Alt for internal names and raw values",
  more: "Show all",
  less: "Show less",

  linked: "Linked",
  noLinks: "Nothing is linked to this record",
  missing: "Not in this copy: outside the chosen window, or not synced",
  missingShort: "Not in this copy",
  first: (shown: number, all: number) => `The first ${count(shown)} of ${count(all)}`,
  skipped: "Not synced",

  copiedFrom: (age: string) => `Copied from HubSpot ${age}`,
  id: "id",
  stored: (filled: number, defined: number) => `${count(filled)} of ${count(defined)} properties filled`,

  loading: "Reading the record…",
  goneTitle: "This record is not in the copy",
  again: "Try again",
};

export const records = {
  title: "Records",
  objects: "Object types",
  more: "More",
  /** Begins with what is written on the button. */
  moreObjects: (written: string) => `${written}, object types`,
  skipped: "skipped",
  here: (n: number) => `${count(n)} here`,

  find: (plural: string) => `Find ${plural.toLowerCase()}`,
  findShort: "Find",
  findKeys: "Ctrl F",
  clearFind: "Clear",

  /** Said to those who cannot see the arrow. */
  sorted: (label: string, how: "ascending" | "descending" | null) =>
    how ? `Sorted by ${label}, ${how}` : "Back to the usual order",
  sortHint: (label: string) => `Sort by ${label}`,
  notSortable: (label: string) => `${label} cannot be sorted by`,
  resize: "Drag to change the width, double-click to fit",

  found: (n: number) => `${counted(n, "record", "records")} found`,
  opening: "Putting rows in order…",
  /** Both halves of the footer's figure: the first is set in bold. */
  ofAll: (all: number) => ` of ${count(all)}`,
  row: (n: number) => `row ${count(n)}`,
  took: (ms: number) => took(ms),
  changed: (n: number) => `${count(n)} changed since you opened this`,
  arrived: (n: number) => `${count(n)} new or changed since you opened this`,
  show: "Show",
  partial: "Only a part was looked through: the index is still being built",
  searchAgain: "Look again",
  chosenRows: (n: number) => counted(n, "row chosen", "rows chosen"),
  gone: "No longer in HubSpot",
  copiedCell: "Copied",
  copiedRows: (n: number) => `Copied ${counted(n, "row", "rows")}`,
  copyFailed: "The clipboard could not be reached",

  loading: (plural: string) => `Reading ${plural.toLowerCase()}…`,
  importing: (plural: string) => `${plural} arrive here during the first import`,
  importingText: "You can stay or go on: rows appear by themselves as soon as the first ones are stored.",
  importingCount: (filled: number, found: string) => `${count(filled)} of ${found} stored`,
  importingFound: "Counting in HubSpot…",
  none: (plural: string) => `No ${plural.toLowerCase()} in this portal`,
  noneText: "When some are added in HubSpot, the next check brings them here.",
  noneFound: (words: string) => `Nothing found for “${words}”`,
  noneFoundText: (all: number, plural: string) =>
    `Looked through ${count(all)} ${plural.toLowerCase()}. Every word must begin a word of the record.`,
  noneFoundPartial: "The index is still being built, so only a part could be looked through.",
  clearTheFind: "Clear the search",
  skippedTitle: (plural: string) => `${plural} are not synced`,
  skippedText: "Everything else goes on without them.",
  skippedStale: (plural: string) => `${plural} are no longer synced: what you see may be old.`,
  noObjects: "Nothing to browse yet",
  noObjectsText: "Object types appear here as soon as their definitions are read.",

  failedRows: "These rows could not be read.",
  failedKept: "Rows already on screen stay.",
  again: "Try again",

  peek: (title: string) => `Quick look at ${title}`,
  peekEmpty: "Choose a row to look at it here",
  closePeek: "Close the quick look",
  open: "Open",
  quickLook: "Quick look",
  linked: "Linked",
  noLinks: "No linked records here",
  allLinks: (n: number) => `All ${count(n)} on the record page`,

  keys: {
    find: "Find records",
    next: "Next row",
    previous: "Previous row",
  },

  page,
};
