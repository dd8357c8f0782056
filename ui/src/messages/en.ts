// Every word of the window, as typed functions. Refusals bring their own words from Rust.
import { connect } from "./en/connect";
import { disconnect } from "./en/disconnect";
import { doctor, permissions, trouble } from "./en/doctor";
import { errors } from "./en/errors";
import { home } from "./en/home";
import { keys } from "./en/keys";
import { plan } from "./en/plan";
import { proof } from "./en/proof";
import { records } from "./en/records";
import { schedule, settings } from "./en/schedule";
import { shell } from "./en/shell";
import { signIn } from "./en/signin";
import { states } from "./en/states";

export const en = { shell, states, errors, connect, signIn, keys, home, plan, schedule, proof, settings, records, disconnect, doctor, permissions, trouble };
