import { type Checks, refuse } from "../checks/index.ts";
import type { Principal } from "../krb5/index.ts";
import { type NegotiateOptions, negotiateChecks } from "./client-options.ts";
import { originOf } from "./origins.ts";

/** An HTTP proxy that asks for Kerberos (`Proxy-Authenticate: Negotiate`). */
export interface ProxyOptions
  extends Pick<
    NegotiateOptions,
    "credential" | "preemptive" | "mutual" | "useSpnego" | "enctypes" | "now" | "onTrace"
  > {
  /** The proxy, for example `http://proxy.example.org:3128`. With `https:` there is TLS to the proxy too. */
  readonly url: string | URL;
  /** The proxy's service. Default: `HTTP@` and the host name in `url`. */
  readonly target?: string | Principal | undefined;
}

const { credential, preemptive, mutual, useSpnego, enctypes, now, onTrace } = negotiateChecks;

export const proxyChecks: Checks<ProxyOptions> = {
  url: (name, value) => void proxyUrl(name, value),
  // Checked where the context is made.
  target: (name, value) => {
    if (typeof value !== "string" && (typeof value !== "object" || value === null)) {
      refuse(name, value, "the name of a service or a principal");
    }
  },
  credential,
  preemptive,
  mutual,
  useSpnego,
  enctypes,
  now,
  onTrace,
};

/** The proxy's URL: scheme, host and port, and nothing else. Throws TypeError. */
export function proxyUrl(name: string, value: unknown): URL {
  const text = value instanceof URL ? value.href : value;
  // What is not a URL may be a secret, and is not quoted.
  if (typeof text !== "string" || !/^[a-z][a-z\d+.-]*:\/\//i.test(text)) refuse(name, value, "the URL of a proxy");
  return new URL(originOf(name, text));
}

/** Throws TypeError for what is missing; `part`: the option that the proxy is. */
export function requireProxy(options: ProxyOptions, part?: string): void {
  for (const name of ["url", "credential"] as const) {
    if (options[name] !== undefined) continue;
    const shown = part === undefined ? name : `${part}.${name}`;
    refuse(shown, undefined, name === "url" ? "the URL of a proxy" : "an object with getTicket");
  }
}
