// Words of the schedule, and of the settings of one connection.
import { counted } from "../../design/format";

export const schedule = {
  title: "Schedule",
  change: "Change…",
  next: { poll: "Next check", sync: "Next full check", import: "Goes on", proof: "Next proof", nothing: "Next check" },
  at: (clock: string, left: string) => `${clock}, in ${left}`,
  soon: "<1 min",
  inHours: (h: number) => `${h} h`,
  due: "now",
  none: "–",
  every: "Looks every",
  minutes: (n: number) => (n % 60 === 0 ? counted(n / 60, "hour", "hours") : `${n} min`),
  quiet: "Quiet hours",
  quietNow: (hours: string) => `${hours}, now`,
  noQuiet: "none",
  paused: "Paused until",
  resumes: "Limit lifted",
  failures: (n: number) => `${counted(n, "try", "tries")} in a row failed`,
  pause: {
    more: "Pause for a while",
    half: "For 30 minutes",
    tomorrow: "Until tomorrow, 08:00",
    open: "Until I resume",
  },
};

export const settings = {
  title: (name: string) => `Settings of ${name}`,
  open: "Settings…",
  close: "Close",
  done: "Done",
  loading: "Reading the settings…",
  groups: { checks: "Checks", copy: "Copy", derived: "Left out of everything derived" },
  reset: (value: string) => `Back to ${value}`,
  undo: "Undo",
  changed: (label: string, value: string) => `${label}: ${value}.`,
  save: "Set",
  items: (n: number) => counted(n, "entry", "entries"),
  none: "none",
  all: "everything",
  off: "off",
  oneALine: "One a line",
  json: "As JSON: values by property, or these by object type",
  choices: { gentle: "Gentle", normal: "Normal", fast: "Fast", store: "Store", ask: "Ask", ignore: "Ignore" } as Record<string, string>,
};
