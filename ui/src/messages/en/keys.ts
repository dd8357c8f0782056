// Words of the encrypted file for keys.
import { counted } from "../../design/format";

export const keys = {
  file: {
    title: "Keep keys in an encrypted file",
    close: "Close",
    lead: "Instead of a system keychain: one file in the data folder, sealed with a passphrase of yours.",
    passphrase: "Passphrase",
    again: "Once more",
    reveal: "Hold to show the passphrase",
    hint: "10 characters or more; four unrelated words are good",
    strength: { short: "Too short: 10 characters or more", weak: "Easy to guess", fair: "Fair", strong: "Strong" },
    againNote: "So that no slip locks you out",
    differs: "The two differ",
    asked: "You are asked for it once, each time Portside starts. It is stored nowhere.",
    lost: "Forgotten, it cannot be had back: you would connect again. Copies stay readable.",
    others: (n: number) => `${counted(n, "connection keeps its key", "connections keep their keys")} in the keychain, unread from now on: reconnect ${n === 1 ? "it" : "them"}.`,
    cancel: "Cancel",
    save: "Use this file",
  },
  unlock: {
    title: "Unlock your keys",
    close: "Close",
    lead: "They are in an encrypted file. Syncing waits until it is open; what is copied can be read meanwhile.",
    passphrase: "Passphrase",
    reveal: "Hold to show the passphrase",
    note: "Asked once, each time Portside starts",
    wrong: "This passphrase does not open the file.",
    later: "Not now",
    open: "Unlock",
  },
};
