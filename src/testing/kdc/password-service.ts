import type { Entry } from "./entry.ts";
import { isSameName } from "./names.ts";

const components = ["kadmin", "changepw"];

/**
 * The service that changes passwords (RFC 3244). Every realm has the principal, as MIT's and Heimdal's have; of
 * the service itself a test realm has none: `setPassword` is for that.
 */
export const passwordServiceName: string = components.join("/");

export function isPasswordService(entry: Pick<Entry, "components">): boolean {
  return isSameName(entry.components, components);
}
