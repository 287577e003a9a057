import { refuse } from "../checks/index.ts";
import { isKeytabText, KEYTAB_FORMS, keytabOctets, refuseEncodedKeytab } from "./keytab-text.ts";

/**
 * Checks an option that is a keytab: octets, their base64, or a Keytab of any copy of this package. Throws TypeError,
 * which quotes nothing of it: the caller's mistake.
 */
export function checkKeytab(name: string, value: unknown): void {
  checkForm(name, value, KEYTAB_FORMS);
}

/** The same for an option that may also be the name of a file. */
export function checkKeytabOrFile(name: string, value: unknown): void {
  if (typeof value === "string" && value !== "") refuseEncodedKeytab(value);
  else checkForm(name, value, `${KEYTAB_FORMS}, or the name of a file`);
}

function checkForm(name: string, value: unknown, expected: string): void {
  if (typeof value === "string") refuseEncodedKeytab(value);
  if (isKeytabText(value)) {
    keytabOctets(value);
  } else if (value instanceof Uint8Array) {
    if (value.length === 0) throw new TypeError(`${name} has no octets: give the contents of a keytab file`);
  } else if (typeof (value as { readonly findAll?: unknown } | null | undefined)?.findAll !== "function") {
    refuse(name, value, expected);
  }
}
