import {
  type Checks,
  checkAbove,
  checkFunction,
  checkList,
  checkObject,
  checkOptions,
  checkPart,
  checkRequired,
  checkText,
  refuse,
} from "../checks/index.ts";
import { checkRuntime, type Dial, type Runtime } from "../host/index.ts";
import type { TraceListener } from "../trace.ts";
import { type Endpoint, parseEndpoint } from "../transport/index.ts";
import type { KdcMessage } from "./kdc-message.ts";
import { originOf } from "./origins.ts";

/** Where the servers of a realm are: addresses, never names. */
export interface ProxiedRealm {
  /** The KDCs, in the order to try, for example `["tcp://192.0.2.88"]`. Default port 88. */
  readonly kdc: string | readonly string[];
  /** The password servers. Default port 464. Without it no password is changed through the proxy. */
  readonly kpasswd?: string | readonly string[] | undefined;
}

/** Options for `createKdcProxy`. */
export interface KdcProxyOptions {
  /** The realms that are served, by name. */
  readonly realms: Readonly<Record<string, ProxiedRealm>>;
  /**
   * Whether a message may go on, for limits by caller and by client. Anything but true is answered with 429. Default:
   * every message goes on.
   */
  readonly limit?: ((message: KdcMessage, request: Request) => boolean | Promise<boolean>) | undefined;
  /** Other origins whose pages may use the proxy. Default: none; pages of the proxy's origin may. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Milliseconds for each server, above 0. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Opens connections in place of the host, for example through a binding. */
  readonly dial?: Dial | undefined;
  /** Gets each step as an event. */
  readonly onTrace?: TraceListener | undefined;
  /** The host. Default: the one that runs this. */
  readonly runtime?: Runtime | undefined;
}

const realmChecks: Checks<ProxiedRealm> = {
  kdc: (name, value) => void endpointsOf(name, value, 88),
  kpasswd: (name, value) => void endpointsOf(name, value, 464),
};

const proxyChecks: Checks<KdcProxyOptions> = {
  realms: (name, value) => {
    checkObject(name, value);
    for (const [realm, one] of Object.entries(value as object)) {
      checkPart(`${name}.${realm}`, one, realmChecks);
      if ((one as ProxiedRealm).kdc === undefined) endpointsOf(`${name}.${realm}.kdc`, undefined, 88);
    }
  },
  limit: checkFunction,
  allowedOrigins: (name, value) =>
    checkList(name, value, (at, one) => {
      checkText(at, one);
      originOf(at, one as string);
    }),
  timeoutMs: [checkAbove, 0],
  dial: checkFunction,
  onTrace: checkFunction,
  runtime: checkRuntime,
};

/** Checks the options of `createKdcProxy`. Throws TypeError and RangeError: the caller's mistakes. */
export function checkKdcProxyOptions(options: KdcProxyOptions): void {
  checkOptions("createKdcProxy", options, proxyChecks);
  checkRequired(options, proxyChecks, "realms");
}

/** Rule KP1 in SECURITY.md: what is asked stands in the options; a name would let DNS choose it. */
export function endpointsOf(name: string, value: unknown, port: number): readonly Endpoint[] {
  const texts = typeof value === "string" ? [value] : value;
  if (!Array.isArray(texts) || texts.length === 0) refuse(name, value, "an address, or an array of them");
  return texts.map((text: unknown, index) => {
    const at = `${name}[${index}]`;
    checkText(at, text);
    const endpoint = parseEndpoint(text as string, port);
    if (endpoint.url === undefined && /^[\d.]+$|:/.test(endpoint.host)) return endpoint;
    throw new TypeError(
      `${at} is not an address: write tcp://192.0.2.88 or tcp://[2001:db8::88]:88; names are not looked up`,
    );
  });
}
