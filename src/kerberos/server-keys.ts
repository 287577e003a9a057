import { defaultKeytabName } from "../config/index.ts";
import {
  decodeKeytab,
  isKeytabText,
  Keytab,
  type KeytabText,
  keytabOctets,
  readKeytabFile,
} from "../credentials/index.ts";
import { CredentialError } from "../errors.ts";
import type { Runtime } from "../host/index.ts";
import type { KeySource } from "../krb5/index.ts";
import { KerberosLibrary } from "../library/index.ts";
import { noteTo } from "../trace.ts";
import { parseServerService } from "./service-name.ts";
import { type ConfigureOptions, libraryOptions } from "./settings.ts";

/** The library of a configuration: its krb5.conf, KDCs and clock. */
export function libraryOf(settings: ConfigureOptions, runtime: Runtime): KerberosLibrary {
  return new KerberosLibrary({ ...libraryOptions(settings), runtime });
}

/**
 * The keys of servers as they are now: a file is read each time, so that a rotated key is taken up. Throws
 * CredentialError `KEYTAB` with what to do.
 */
export async function serverKeys(settings: ConfigureOptions, runtime: Runtime): Promise<Keytab | KeySource> {
  const { keytab } = settings;
  if (keytab instanceof Keytab || (typeof keytab === "object" && "keysOf" in keytab)) return keytab as Keytab;
  if (keytab instanceof Uint8Array || isKeytabText(keytab)) {
    return decodeKeytab(keytab instanceof Uint8Array ? keytab : keytabOctets(keytab as KeytabText));
  }
  const host = await libraryOf(settings, runtime).host();
  const name = (keytab as string | undefined) ?? defaultKeytabName(host.environment, host.config);
  const { files, onTrace } = host;
  if (files === undefined) {
    throw new CredentialError("KEYTAB", "this host has no files: give the keytab's octets to configure()", {
      reason: "type",
    });
  }
  return await readKeytabFile(name, files, { onWarning: (text) => noteTo(onTrace, text) });
}

/**
 * Rule NK1: the keys of the services that a server is. Throws CredentialError `KEYTAB_NO_KEY` if the keytab has none of
 * them.
 */
export function ownKeys(keys: Keytab | KeySource, service: string): Keytab | KeySource {
  const fits = parseServerService(service);
  if (!(keys instanceof Keytab)) return keys;
  const own = keys.entries.filter(({ principal }) => fits(principal));
  if (own.length > 0) return new Keytab(own);
  throw new CredentialError(
    "KEYTAB_NO_KEY",
    "the keytab has no key of that service: write one with ktadd, or name a service that it has",
  );
}
