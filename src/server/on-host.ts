import { chooseProvider, createEncTypeSet, type EncTypeSet } from "../crypto/index.ts";
import { checkAcceptorKeys, createAcceptor, keytabKeys } from "../gssapi/index.ts";
import { type KeySource, permittedTypes } from "../krb5/index.ts";
import { detectRuntime } from "../runtime/index.ts";
import { checkServerOptions } from "./option-checks.ts";
import type { RemctlServerOptions } from "./options.ts";
import { RemctlServer } from "./server.ts";

/**
 * Makes a remctl server (remctl protocol sections 1 to 3). It takes no connection before {@link RemctlServer.listen} or
 * {@link RemctlServer.accept}.
 *
 * @param options the service's keys, the commands and who may run them, and limits
 * @returns the server
 * @throws TypeError and RangeError for options that make no server, CredentialError `KEYTAB` for octets that are not a
 *   keytab: the caller's mistakes
 * @example
 * ```ts
 * import { createRemctlServer } from "krb5-remctl/server";
 *
 * await using server = createRemctlServer({
 *   keytab: octets,
 *   commands: [
 *     {
 *       command: "hello",
 *       subcommand: "world",
 *       acl: ["ANYUSER"],
 *       handler: async ({ user, stdout }) => {
 *         await stdout.write(`hello ${user}\n`);
 *         return 0;
 *       },
 *     },
 *   ],
 * });
 * await server.listen({ host: "127.0.0.1", port: 0 });
 * ```
 */
export function createRemctlServer(options: RemctlServerOptions): RemctlServer {
  checkServerOptions(options);
  const { channelBindings, requireChannelBindings, skewSeconds, replayCache, now, authorizationData } = options;
  const { legacyTokens } = options;
  const runtime = options.runtime ?? detectRuntime();
  const types = permittedTypes(options.enctypes);
  const { keytab: entries, service } = checkAcceptorKeys(options);
  let ready: { readonly enctypes: EncTypeSet; readonly keytab: KeySource } | undefined;
  return new RemctlServer(options, {
    runtime,
    createContext: async () => {
      if (ready === undefined) {
        // Nothing of the host is touched before the first client; the keys are made ready once for all. The same is
        // keysOnDemand() of gssapi, with which this entry would load two files more (test/packed/loading.test.ts).
        const encTypes = createEncTypeSet(types, await chooseProvider(runtime));
        ready ??= { enctypes: encTypes, keytab: "keysOf" in entries ? entries : keytabKeys(entries, encTypes) };
      }
      const acceptor = {
        ...ready,
        service,
        channelBindings,
        requireChannelBindings,
        skewSeconds,
        replayCache,
        now,
        authorizationData,
        legacyTokens,
      };
      return createAcceptor(acceptor, undefined, false);
    },
  });
}
