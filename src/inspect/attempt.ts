import { isKerberosError, type KerberosError } from "../errors.ts";

/** What `read` gives, or `otherwise` of octets that do not read; any other error is a fault of this program. */
export function attempt<T>(read: () => T, otherwise: (error: KerberosError) => T): T {
  try {
    return read();
  } catch (error) {
    if (!isKerberosError(error)) throw error;
    return otherwise(error);
  }
}
