// Buttons of error cards, and the words around them. What happened and why comes from Rust.
import type { ErrorAction } from "../../backend/generated/wire";

const actions: Record<ErrorAction, string> = {
  try_again: "Try again",
  paste_again: "Paste again",
  reconnect: "Reconnect…",
  open_keys_in_hubspot: "Open HubSpot",
  check_again: "Check again",
  start_again: "Start again",
  use_encrypted_file: "Use an encrypted file",
  quit: "Quit",
};

export const errors = {
  actions,
  technical: "Technical details",
  whatToDo: "What to do",
  copy: "Copy details",
  copied: "Copied",
  times: (n: number) => `${n} times`,
};
