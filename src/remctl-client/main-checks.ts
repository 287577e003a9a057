import {
  type Checks,
  checkBoolean,
  checkNumber,
  checkOptions,
  checkPart,
  type OptionHint,
  refuse,
} from "../checks/index.ts";
import { checkCache, isCredentialSource, ticketChecks } from "../client/index.ts";
import { storeCacheChecks } from "../credentials/index.ts";
import { kerberosChecks } from "../library/index.ts";
import { hostsChecks } from "../remctl/index.ts";
import { checkLocalAddress, remctlChecks } from "./call-checks.ts";
import { checkForms } from "./credential-checks.ts";
import type { HostsOptions } from "./many.ts";
import type { ClientOptions, StoreCacheSettings } from "./options.ts";

/** For the options of the client of the main entry. */
const clientChecks: Checks<ClientOptions> = {
  ...remctlChecks,
  ...ticketChecks,
  ...kerberosChecks,
  credentials: checkCredentials,
  cache: checkCacheOption,
  directTicket: checkBoolean,
  rejectedSecretRestSeconds: [checkNumber, 0],
};

export const clientOptionNames: readonly string[] = Object.keys(clientChecks);

const { store, key, prefix, restSeconds, lockSeconds, notBefore } = storeCacheChecks;
const storeChecks: Checks<StoreCacheSettings> = { store, key, prefix, restSeconds, lockSeconds, notBefore };

const manyClientChecks: Checks<ClientOptions & HostsOptions> = { ...clientChecks, ...hostsChecks };

/** Checks the options of `createClient` by name and value. Throws TypeError and RangeError: the caller's mistakes. */
export function checkClientOptions(of: string, options: ClientOptions): void {
  checkOptions(of, options, clientChecks, ofCredentials);
  checkLocalAddress(options, options.dial);
}

/** Checks the options of `runOnHosts`, which makes a client, in the same way. */
export function checkManyOptions(options: ClientOptions & HostsOptions): void {
  checkOptions("runOnHosts", options, manyClientChecks, ofCredentials);
  checkLocalAddress(options, options.dial);
}

const ofCredentials: OptionHint = (name) =>
  name === "principal" || name === "password" || name === "keytab" ? "it is a part of `credentials`" : undefined;

/** Checks the option `credentials` in any of its forms. Throws TypeError: the caller's mistake. */
export function checkCredentials(_: string, value: unknown): void {
  if (!isCredentialSource(value)) checkForms(value as object);
}

function checkCacheOption(name: string, value: unknown): void {
  const { store, key } = Object(value) as Partial<StoreCacheSettings>;
  if (key !== undefined || typeof store === "object") {
    checkPart(name, value, storeChecks);
    if (store === undefined) refuse("cache.store", store, "a key-value store");
    if (key === undefined) refuse("cache.key", key, "16 or 32 random octets");
  } else {
    checkCache(name, value);
  }
}
