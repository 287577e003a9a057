import { refuse } from "../checks/index.ts";
import { principalOf } from "./option-checks.ts";
import { type Principal, servicePrincipal } from "./principal.ts";

/** `service@host`, with no `/` before its `@` (RFC 2743 section 4.1, RFC 1964 section 2.1.2). */
const HOST_BASED = /^([^@/\\]+)@([^@/\\]+)$/;
/** The name of a service alone: that of any host. */
const SERVICE_ALONE = /^[^@/\\]+$/;

/**
 * The principal of a service that an option names: `service@host` (a host-based service, RFC 2743 section 4.1, RFC 1964
 * section 2.1.2), the text of a principal (`service/host@REALM`, RFC 1964 section 2.1.1), or a principal itself. Every
 * option that names a service reads it here, so that one text has one meaning at both ends. No name is looked up: DNS
 * never chooses a principal (rule X6 in SECURITY.md). An empty realm is left to the caller. Throws TypeError for any
 * other text: the caller's mistake.
 */
export function serviceNameOf(option: string, value: unknown): Principal {
  if (typeof value !== "string") return principalOf(option, value);
  const hostBased = HOST_BASED.exec(value);
  if (hostBased !== null) return servicePrincipal(hostBased[1] as string, hostBased[2] as string);
  if (!value.includes("/")) {
    throw new TypeError(`${option} is neither service@host nor service/host@REALM: write it so`);
  }
  return principalOf(option, value);
}

/** Checks an option that names one service. */
export function checkServiceName(option: string, value: unknown): void {
  serviceNameOf(option, value);
}

/** What an acceptor may be told of its service: as {@link serviceNameOf}, or `"HTTP"` for that service of any host. */
export function serviceOrAnyHost(option: string, value: unknown): Principal | { readonly anyHostOf: string } {
  if (value === "") refuse(option, value, `a service, for example "HTTP@www.example.org" or "HTTP"`);
  return typeof value === "string" && SERVICE_ALONE.test(value) ? { anyHostOf: value } : serviceNameOf(option, value);
}
