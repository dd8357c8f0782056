// Every word of the window, as typed functions. Refusals bring their own words from Rust.
import { connect } from "./en/connect";
import { disconnect } from "./en/disconnect";
import { home } from "./en/home";
import { records } from "./en/records";
import { shell } from "./en/shell";

export const en = { shell, connect, home, records, disconnect };
