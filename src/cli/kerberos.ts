import { type CredentialSource, type Kerberos, keytabSecret, passwordSecret, type Secret } from "../client/index.ts";
import type { Keytab } from "../credentials/index.ts";
import { chooseProvider, createEncTypeSet, type EncTypeSet } from "../crypto/index.ts";
import { formatPrincipal, type Principal } from "../krb5/index.ts";
import { KerberosLibrary, type KerberosOptions, typesOfConfig } from "../library/index.ts";
import type { Prompts } from "../preauth/index.ts";
import type { CommandHost } from "./command.ts";
import { CommandFailure } from "./failure.ts";
import { everyEncType, knownTypes } from "./known-types.ts";
import { keytabName, type Local, readKeytab } from "./local.ts";
import { promptsOf } from "./prompts.ts";

/** The exchanges with KDCs, for a command. */
export function kerberosOf(host: CommandHost, local: Local, wishes: Wishes = {}): Kerberos {
  return silentKerberos(host, local, wishes, promptsOf(host));
}

/** What a command line asks for in all its exchanges. */
export type Wishes = Pick<KerberosOptions, "armor" | "pac">;

/** The same, which asks for nothing but by `ask`. */
export function silentKerberos(
  { runtime, env, now, onTrace }: Pick<CommandHost, "runtime" | "env" | "now" | "onTrace">,
  local: Local,
  wishes: Wishes = {},
  ask: Prompts = {},
): Kerberos {
  return new KerberosLibrary({
    runtime,
    knownTypes: knownTypes(local.config),
    config: local.config,
    environment: { ...runtime.environment?.(), env },
    now,
    ask,
    ...wishes,
    ...(onTrace === undefined ? {} : { onTrace }),
  });
}

/** Every enctype there is: for keys that somebody else chose. */
export async function allEncTypes({ runtime }: Pick<CommandHost, "runtime">): Promise<EncTypeSet> {
  return createEncTypeSet(everyEncType, await chooseProvider(runtime));
}

/** Those that krb5.conf permits. Throws ConfigError if it permits none that is built in. */
export async function permittedEncTypes(
  { runtime }: Pick<CommandHost, "runtime">,
  { config }: Local,
): Promise<EncTypeSet> {
  return createEncTypeSet(typesOfConfig(config, knownTypes(config)), await chooseProvider(runtime));
}

/** A password that is asked for when the KDC wants proof, and once. */
export interface AskedPassword {
  readonly source: CredentialSource;
  /** Whether the person has been asked. */
  wasAsked(): boolean;
}

/** Asks as MIT's tools do: `Password for alice@EXAMPLE.ORG: `. */
export function askedPassword(host: CommandHost, client: Principal): AskedPassword {
  let secret: Promise<Secret> | undefined;
  const ask = async (): Promise<Secret> => {
    const octets = await host.readSecret(`Password for ${formatPrincipal(client)}: `);
    if (octets === undefined) throw new CommandFailure("Cannot read password");
    return passwordSecret(client, octets);
  };
  const lazy: Secret = {
    kind: "password",
    etypes: (encTypes) => encTypes.permitted,
    async key(encTypes, hint) {
      secret ??= ask();
      return (await secret).key(encTypes, hint);
    },
    isSame: () => false,
  };
  return { source: sourceOf("password", client, lazy), wasAsked: () => secret !== undefined };
}

/** The keys of a keytab; one that cannot be read is a failure only when the KDC wants proof, as with MIT's kinit. */
export function keytabKeys(
  local: Local,
  client: Principal,
  name: string | undefined,
  isClient: boolean,
): CredentialSource {
  const load = async (): Promise<Keytab | CommandFailure> => {
    try {
      return await readKeytab(local, keytabName(local, name, isClient), "");
    } catch (error) {
      if (error instanceof CommandFailure) return error;
      throw error;
    }
  };
  return {
    kind: "keytab",
    principal: client,
    async open() {
      const keytab = await load();
      if (!(keytab instanceof CommandFailure)) return openedWith(client, keytabSecret(client, keytab));
      return openedWith(client, {
        kind: "keytab",
        etypes: (encTypes) => encTypes.permitted,
        key: () => Promise.reject(keytab),
        isSame: () => false,
        identity: () => new Uint8Array(),
      });
    },
  };
}

/** Credentials with a secret that is at hand. */
export function sourceOf(kind: string, principal: Principal, secret: Secret): CredentialSource {
  return { kind, principal, open: async () => openedWith(principal, secret) };
}

function openedWith(
  principal: Principal,
  secret: Secret,
): { readonly principal: Principal; readonly loadSecret: () => Promise<Secret> } {
  return { principal, loadSecret: async () => secret };
}
