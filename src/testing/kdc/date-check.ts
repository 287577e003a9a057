import { refuse } from "../../checks/index.ts";

/**
 * Throws `RangeError` for a date that KerberosTime has no octets for: its year has four digits (RFC 4120 section
 * 5.2.3).
 */
export function checkKerberosDate(name: string, value: unknown): void {
  if (!(value instanceof Date)) refuse(name, value, "a Date");
  const year = value.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new RangeError(`${name} is not a valid Date of a year before 10000`);
}
