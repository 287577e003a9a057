import type { CacheCollection, CredentialCache } from "../../credentials/index.ts";
import { ANONYMOUS, equalPrincipals, formatPrincipal, type Principal, servicePrincipal } from "../../krb5/index.ts";
import type { CommandHost } from "../command.ts";
import { CommandFailure } from "../failure.ts";
import type { ParsedArgs } from "../getopt.ts";
import {
  cacheOf,
  collectionOf,
  fileNameOf,
  hasEmptyRealm,
  isDefaultAll,
  keytabName,
  type Local,
  principalOf,
  readCache,
  readKeytab,
  requireKeytabType,
} from "../local.ts";
import { findCache } from "./kdestroy.ts";

/** Who logs in, and where the ticket goes. */
export interface Target {
  readonly client: Principal;
  readonly cache: CredentialCache;
  /** The collection whose primary the cache shall become. */
  readonly switchTo?: CacheCollection;
}

/**
 * Chooses as MIT's kinit does: the principal that is named, else that of the keytab or the cache, else the user; the
 * cache that is named, else in a collection the one of that principal or a new one, else the default.
 */
export async function chooseTarget(host: CommandHost, local: Local, args: ParsedArgs): Promise<Target> {
  const say = async (text: string): Promise<void> => {
    if (args.has("V")) await host.stderr.write(`${text}\n`);
  };
  const [text] = args.operands;
  const isEnterprise = args.has("E");
  const cacheName = args.get("c");
  const named = cacheName === undefined ? undefined : await cacheOf(local, cacheName, `resolving ccache ${cacheName}`);
  if (named !== undefined) await say(`Using specified cache: ${cacheName}`);
  const first = named ?? (await cacheOf(local, undefined, "while getting default ccache"));
  // A cache that does not read names nobody: it is about to be made anew. A daemon that does not answer makes none, and
  // that is said before a password is asked for.
  const doing = cacheName === undefined ? "while getting default ccache" : `resolving ccache ${cacheName}`;
  const there = first.type === "KCM" ? readCache(first, doing) : readCache(first).catch(() => undefined);
  const owner = (await there)?.principal;

  let cache = named;
  let client: Principal | undefined;
  if (args.has("n")) {
    client = nobodyOf(local, text);
  } else if (text !== undefined) {
    refuseEmptyRealm(text, args);
    client = principalOf(local, text, { isEnterprise });
  } else if (args.has("i")) {
    client = await firstOfKeytab(local);
  } else if (args.has("k") || args.has("t")) {
    client = ownService(local);
  } else if (owner !== undefined) {
    client = owner;
    cache = first;
  } else {
    const { username } = local.environment;
    if (username === undefined) throw new CommandFailure("Unable to identify user");
    client = principalOf(local, username, { isEnterprise });
  }

  let switchTo: CacheCollection | undefined;
  const collection = cache === undefined ? collectionOf(local) : undefined;
  if (collection !== undefined && first.type !== "MEMORY") {
    const existing = owner !== undefined && equalPrincipals(owner, client) ? first : await findCache(local, client);
    if (existing !== undefined) {
      cache = existing;
      await say(`Using existing cache: ${shortName(cache)}`);
      switchTo = collection;
    } else if (owner !== undefined) {
      if (first.type === "DIR" && !isDefaultAll(local)) {
        const why = "Can't create new subsidiary cache because default cache is not a directory collection";
        throw new CommandFailure(`${why} while generating new ccache`, {
          advice: "name the directory, for example DIR:/dir",
        });
      }
      cache = await collection.create();
      await say(`Using new cache: ${shortName(cache)}`);
      switchTo = collection;
    }
  }
  if (cache === undefined) {
    cache = first;
    await say(`Using default cache: ${shortName(cache)}`);
  }
  const input = args.get("I");
  if (input !== undefined) await say(`Using specified input cache: ${input}`);
  await say(`Using principal: ${formatPrincipal(client)}`);
  return { client, cache, ...(switchTo === undefined ? {} : { switchTo }) };
}

/** The anonymous client of a realm: `kinit -n`, or `kinit -n @REALM` (RFC 8062). */
function nobodyOf({ config }: Local, text = ""): Principal {
  const realm = text === "" ? config.libdefaults.defaultRealm : text.slice(1);
  if (text !== "" && !text.startsWith("@")) {
    throw new CommandFailure(
      "an anonymous ticket is of nobody, and a name was given while getting initial credentials",
      {
        advice: "name the realm alone, for example kinit -n @EXAMPLE.ORG",
      },
    );
  }
  if (realm === undefined || realm === "") {
    throw new CommandFailure("Configuration file does not specify default realm while getting initial credentials");
  }
  return { ...ANONYMOUS, realm };
}

/** MIT prints a cache without its type. */
function shortName(cache: CredentialCache): string {
  return cache.type === "DIR" ? `:${fileNameOf(cache)}` : fileNameOf(cache);
}

function refuseEmptyRealm(text: string, args: ParsedArgs): void {
  if (args.has("E") || !hasEmptyRealm(text)) return;
  const isKeytab = args.has("k") || args.has("t") || args.has("i");
  const words = isKeytab ? `Keytab contains no suitable keys for ${text}` : 'Cannot find KDC for invalid realm name ""';
  throw new CommandFailure(`${words} while getting initial credentials`, { advice: "name the realm behind the @" });
}

async function firstOfKeytab(local: Local): Promise<Principal> {
  const name = keytabName(local, undefined, true);
  requireKeytabType(name, "When resolving the default client keytab");
  const doing = "When determining client principal name from keytab";
  const [first] = (await readKeytab(local, name, doing)).principals;
  if (first !== undefined) return first;
  throw new CommandFailure(`Keytab contains no keys ${doing}`);
}

/** `host/<this machine>`, in the realm that krb5.conf gives it. */
function ownService(local: Local): Principal {
  const name = process.getBuiltinModule("node:os").hostname();
  const service = servicePrincipal("host", name);
  const realm = local.config.domainRealm(name) ?? local.config.libdefaults.defaultRealm ?? "";
  return { ...service, realm };
}
