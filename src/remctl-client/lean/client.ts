import { Exchanges, KerberosClient, keytabLoader, passwordLoader } from "../../client/index.ts";
import { type CryptoProvider, createEncTypeSet } from "../../crypto/index.ts";
import { limitedDial, type Runtime } from "../../host/index.ts";
import { type Principal, permittedTypes, principalOf, servicePrincipal, weakEtypesOf } from "../../krb5/index.ts";
import { kdcsOf, ticketWishes } from "../../library/index.ts";
import { REMCTL_DEFAULTS } from "../../remctl/index.ts";
import { createTrace } from "../../trace.ts";
import { createKdcTransportWith } from "../../transport/index.ts";
import { SessionClient } from "../session-client.ts";
import { leanOptionNames } from "./option-checks.ts";
import type { LeanClientOptions, LeanCredentials } from "./options.ts";
import { transportsOf } from "./transports.ts";

/** The client with its parts in memory and its KDCs given; who logs in is known. */
export type LeanClient = SessionClient & { readonly principal: Principal };

/**
 * Makes a client of the parts that need no configuration, no files and no DNS, and of a provider. Throws `TypeError`
 * and `RangeError`.
 */
export function leanClient(
  options: LeanClientOptions & { readonly runtime: Runtime },
  loadProvider: (runtime: Runtime) => Promise<CryptoProvider>,
): LeanClient {
  const { credentials, kdc, login, runtime, fetch, now, preauth, ask, skewSeconds, names } = options;
  const principal = principalOf("credentials.principal", credentials.principal);
  const { realm: home } = principal;
  if (home === "") throw new TypeError("credentials.principal must name its realm, as alice@EXAMPLE.ORG");
  const loadSecret = secretLoader(principal, credentials);
  const types = permittedTypes(options.enctypes);
  const dial = limitedDial(runtime, options.dial);
  const transports = transportsOf(options.transports, kdc);
  const timeoutMs = options.kdcTimeoutMs ?? options.connectTimeoutMs ?? REMCTL_DEFAULTS.connectTimeoutMs;
  const trace = createTrace(options.onTrace, now, runtime.traceChannel?.());
  const exchanges = new Exchanges({
    transport: createKdcTransportWith({
      runtime,
      transports,
      kdcs: (realm) => kdcsOf(kdc, realm, home),
      trace,
      timeoutMs,
      dial,
      fetch,
    }),
    loadEncTypes: async () => createEncTypeSet(types, await loadProvider(runtime)),
    trace,
    now,
    preauth,
    prompts: ask,
    weakLogin: login && weakEtypesOf(login),
    names,
    skewSeconds,
  });
  const kerberos = new KerberosClient({
    principal,
    exchanges,
    open: async () => ({ principal, loadSecret, defaults: ticketWishes(options) }),
    rejectedSecretRestSeconds: options.rejectedSecretRestSeconds,
    isSharing: runtime.hasRequestBoundPromises !== true,
    turnMs: 2 * timeoutMs,
  });
  const serviceOf = (host: string): Principal => servicePrincipal("host", host);
  return new SessionClient({
    defaults: options,
    optionNames: leanOptionNames,
    kerberos,
    serviceOf,
    runtime,
    dial,
    trace,
    now,
    names,
  }) as LeanClient;
}

function secretLoader(principal: Principal, credentials: LeanCredentials): ReturnType<typeof passwordLoader> {
  if ("password" in credentials) return passwordLoader(principal, credentials.password);
  if ("loadSecret" in credentials) return credentials.loadSecret;
  if ("keytab" in credentials) return keytabLoader(principal, credentials.keytab);
  throw new TypeError("credentials is { principal, password } or { principal, keytab }");
}
