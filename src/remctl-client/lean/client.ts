import { Asking, Exchanges, type ExchangesOptions, KerberosClient } from "../../client/index.ts";
import { type CryptoProvider, createEncTypeSet } from "../../crypto/index.ts";
import { limitedDial, type Runtime } from "../../host/index.ts";
import { type Principal, permittedTypes, servicePrincipal, weakEtypesOf } from "../../krb5/index.ts";
import { kdcsOf, preauthChoice, ticketWishes } from "../../library/index.ts";
import { REMCTL_DEFAULTS } from "../../remctl/index.ts";
import { createTrace } from "../../trace.ts";
import { createKdcTransportWith } from "../../transport/index.ts";
import { SessionClient } from "../session-client.ts";
import type { Fast } from "./fast.ts";
import { leanOptionNames } from "./option-checks.ts";
import type { LeanClientOptions, LeanCredentials } from "./options.ts";
import { principalIn, secretLoader } from "./secret-loader.ts";
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
  const { credentials, kdc, login, runtime, fetch, now, preauth, ask, skewSeconds, names, allowPreauthDowngrade } =
    options;
  const { realm: home } = principalIn(credentials);
  const types = permittedTypes(options.enctypes);
  const dial = limitedDial(runtime, options.dial);
  const transports = transportsOf(options.transports, kdc);
  const timeoutMs = options.kdcTimeoutMs ?? options.connectTimeoutMs ?? REMCTL_DEFAULTS.connectTimeoutMs;
  const trace = createTrace(options.onTrace, now, runtime.traceChannel?.());
  const asking = new Asking();
  const plain: ExchangesOptions = {
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
    ...preauthChoice(preauth, () => undefined),
    prompts: asking.hear(ask),
    allowPreauthDowngrade,
    weakLogin: login && weakEtypesOf(login),
    names,
    skewSeconds,
  };
  const clientOf = (owner: LeanCredentials, settings: ExchangesOptions): KerberosClient => {
    const principal = principalIn(owner);
    const loadSecret = secretLoader(principal, owner);
    return new KerberosClient({
      principal,
      exchanges: new Exchanges(settings),
      open: async () => ({ principal, loadSecret, defaults: ticketWishes(options) }),
      directTicket: options.directTicket,
      rejectedSecretRestSeconds: options.rejectedSecretRestSeconds,
      isSharing: runtime.hasRequestBoundPromises !== true,
      turnMs: 2 * timeoutMs,
    });
  };
  const armor = (options.armor as Fast | undefined)?.arm((owner) => clientOf(owner, plain));
  const kerberos = clientOf(credentials, { ...plain, armor });
  const serviceOf = (host: string): Principal => servicePrincipal("host", host);
  return new SessionClient({
    defaults: options,
    optionNames: leanOptionNames,
    kerberos,
    serviceOf,
    asking,
    runtime,
    dial,
    trace,
    now,
    names,
  }) as LeanClient;
}
