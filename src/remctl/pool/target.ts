import { type Checks, checkOptions, checkText, checkWhole, refuse } from "../../checks/index.ts";
import { checkHost } from "../../host/index.ts";

/** A remctl server: by name or address, or with what else tells it from others. */
export type RemctlHost = string | RemctlTarget;

/** One server, and who asks. What is left out is as the client has it. */
export interface RemctlTarget {
  /** A name or an address. */
  readonly host: string;
  /** 1 to 65,535. */
  readonly port?: number | undefined;
  /** The server's principal as text, for example `host/server.example.org@EXAMPLE.ORG`. */
  readonly service?: string | undefined;
  /** The caller's own principal as text, where there are several. */
  readonly principal?: string | undefined;
}

const targetChecks: Checks<RemctlTarget> = {
  host: checkHost,
  port: [checkWhole, 1, 65_535],
  service: checkText,
  principal: checkText,
};

/** Checks a target. Throws TypeError or RangeError: the caller's mistake. */
export function resolveTarget(host: RemctlHost): RemctlTarget {
  const target = typeof host === "string" ? { host } : host;
  if (typeof target !== "object" || target === null || Array.isArray(target)) {
    refuse("host", host, "the name or the address of a host, or { host, port, service }");
  }
  checkOptions("a target", target, targetChecks);
  if (target.host === undefined) refuse("host", target.host, "the name or the address of a host");
  return target;
}

/**
 * What tells the sessions of a pool apart: two targets have the same key only if every part is the same, so that no
 * command runs as somebody else or somewhere else. Names of hosts have no case (RFC 4343), principals do (RFC 4120
 * section 6).
 */
export function targetKey({ host, port, service, principal }: RemctlTarget): string {
  return JSON.stringify([host.toLowerCase(), port ?? null, service ?? null, principal ?? null]);
}

/** As an error names it. */
export function targetName({ host, port }: RemctlTarget): string {
  return port === undefined ? host : `${host}:${port}`;
}
