// A refusal as text, for the clipboard and for mail.
import type { WireError } from "../backend/generated/wire";

export function inWords(error: WireError): string {
  const fixes = error.fix.map((step, at) => `${at + 1}. ${step}`);
  return [[error.title, error.text].filter(Boolean).join(" "), ...fixes, `Code: ${error.code}`, error.technical].filter(Boolean).join("\n");
}
