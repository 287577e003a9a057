import { type Checks, checkOptions } from "../checks/index.ts";
import { chooseProvider, createEncTypeSet as createSet, type EncTypeSet } from "../crypto/index.ts";
import { UnsupportedError } from "../errors.ts";
import { checkRuntime, type Runtime } from "../host/index.ts";
import { type Enctypes, permittedTypes, type ReplayCache } from "../krb5/index.ts";
import { acceptorHost, cryptoHost, storageHost } from "../runtime/index.ts";
import {
  type AcceptorOptions,
  createAcceptor as acceptor,
  createFileReplayCache,
  type FileReplayCacheOptions,
  requireSharedReplays,
  type SecurityContext,
} from "./index.ts";

/** Options for {@link createEncTypeSet}. */
export interface EncTypeSetOptions {
  /** The host whose cryptography is used. Default: the one that runs this. */
  readonly runtime?: Runtime | undefined;
}

const setChecks: Checks<EncTypeSetOptions> = { runtime: checkRuntime };

/**
 * Makes a set of encryption types (RFC 3961), computed by the fastest cryptography of this host. A context permits
 * those of its set and no others.
 *
 * @param enctypes names or numbers, best first, for example `aes256-sha2`. Default: `aes256-sha1`, `aes128-sha1`,
 *   `aes256-sha2`, `aes128-sha2`
 * @param options the host
 * @returns the set, for the option `enctypes` of a context
 * @throws TypeError for what is not a list, RangeError for an empty one and for an enctype that is not built in: the
 *   caller's mistakes
 * @example
 * ```ts
 * import { createAcceptor, createEncTypeSet } from "krb5-remctl/gssapi";
 *
 * const enctypes = await createEncTypeSet(["aes256-sha2", "aes128-sha2"]);
 * const context = createAcceptor({ keytab: octets, enctypes });
 * ```
 */
export async function createEncTypeSet(enctypes?: Enctypes, options: EncTypeSetOptions = {}): Promise<EncTypeSet> {
  checkOptions("createEncTypeSet", options, setChecks);
  const { runtime = cryptoHost() } = options;
  return createSet(permittedTypes(enctypes), await chooseProvider(runtime));
}

/**
 * Begins a GSS-API context of the krb5 mechanism as its acceptor (RFC 4121 section 4.1, RFC 4120 section 3.2.3).
 * `step(token)` takes the initiator's token and gives the reply, or undefined if the initiator wants none. `peer` is
 * then the initiator's principal; what it may do, and which flags are needed, is the caller's decision.
 *
 * @param options the service's keys, and what is asked of a client
 * @returns the context, before its first step. A step that refuses rejects with GssError, whose `token`, if there is
 *   one, is the KRB-ERROR to send before hanging up
 * @throws CredentialError `KEYTAB` for octets that are not a keytab, TypeError and RangeError for other options that
 *   make no acceptor; TypeError where other workers accept with the same keys and without a replay cache that they
 *   share: the caller's mistakes
 * @example
 * ```ts
 * import { createAcceptor } from "krb5-remctl/gssapi";
 *
 * const context = createAcceptor({ keytab: octets });
 * await send(await context.step(await receive()));
 * const message = context.unwrap(await receive());
 * ```
 */
export function createAcceptor(options: AcceptorOptions): SecurityContext {
  const host = acceptorHost();
  const context = acceptor(options, () => chooseProvider(host));
  requireSharedReplays(options.replayCache, host);
  return context;
}

/**
 * Makes a replay cache in files, for all processes of a user that have the same key, and for one that is started anew
 * (RFC 4120 section 3.2.3). A file has authenticators of one minute, with mode 0600; it is made, added to and removed,
 * never written over. Each request costs a sync of the disk. A file that was cut off, by a full disk or a process that
 * was killed, is read to where it is whole.
 *
 * @param directory where the files are: this program's alone, on a disk of this host, and kept when it is started anew.
 *   It is made if it is not there, with mode 0700
 * @param options the skew, in seconds, the most entries, and whether something was lost
 * @returns the cache, for the option `replayCache` of an acceptor and of a server. It rejects with ConfigError where
 *   another user could change the files
 * @throws UnsupportedError on a host without files; TypeError and RangeError for a directory that is not a path and for
 *   bounds that are not numbers of 0 or more: the caller's mistakes
 * @example
 * ```ts
 * import { createAcceptor, fileReplayCache } from "krb5-remctl/gssapi";
 *
 * const replayCache = fileReplayCache("/var/lib/service/replays");
 * const acceptor = createAcceptor({ keytab: octets, replayCache });
 * ```
 */
export function fileReplayCache(directory: string, options: FileReplayCacheOptions = {}): ReplayCache {
  const host = storageHost();
  if (host.files === undefined) {
    throw new UnsupportedError("this runtime has no files: use storeReplayCache, with a store that has add()");
  }
  const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
  return createFileReplayCache(directory, options, { files: host.files(), randomBytes });
}
