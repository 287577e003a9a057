import { encodeText } from "../../bytes/index.ts";
import type { CredentialCache } from "../../credentials/index.ts";
import { equalPrincipals, type Principal } from "../../krb5/index.ts";
import type { CommandHost } from "../command.ts";
import { CommandFailure } from "../failure.ts";
import { UsageError } from "../getopt.ts";
import {
  cacheFailure,
  cacheOf,
  cachesOf,
  hasEmptyRealm,
  isDefaultAll,
  type Local,
  openLocal,
  principalOf,
  readCache,
  withDefaultCache,
} from "../local.ts";
import { complain, messageOf, type Program, runProgram } from "../program.ts";

const program: Program = {
  short: "54Aqc:p:",
  usage: `Usage: kdestroy [-A] [-q] [-c cache_name] [-p princ_name]
`,
  help: `Destroys a credential cache and its tickets: overwrites its file, then removes it.

  -A    all caches of the collection (default: that of the default cache)
  -q    quiet: no beep, no hint at other caches
  -c    the cache of this name, and with -A or -p its collection (default: KRB5CCNAME, krb5.conf, FILE:/tmp/krb5cc_UID)
  -p    the cache of this principal in the collection

Example: kdestroy -A
`,
  usageStatus: 2,
  unused: { "5": "Kerberos 5 is the only version" },
};

/** `kdestroy`. */
export function kdestroy(host: CommandHost): Promise<number> {
  return runProgram(program, host, async (args) => {
    if (args.has("4")) {
      await host.stderr.write("Kerberos 4 is no longer supported\n");
      return 3;
    }
    if (args.operands.length > 0) throw new UsageError();
    for (const other of ["p"]) {
      if (args.has("A") && args.has(other)) {
        throw new UsageError(`-A option is exclusive with -${other} option`, { isBare: true });
      }
    }
    if (args.all("c").length > 1) throw new UsageError("Only one -c option allowed", { isBare: true });
    if (args.all("p").length > 1) throw new UsageError("Only one -p option allowed", { isBare: true });
    const local = withDefaultCache(await openLocal(host), args.get("c"));
    const isQuiet = args.has("q");
    if (args.has("A")) {
      for (const cache of await cachesOf(local, "while listing credential caches")) await destroyOneOfAll(host, cache);
      return 0;
    }
    const client = args.get("p");
    const cache =
      client === undefined
        ? await cacheOf(local, undefined)
        : await cacheOfPrincipal(local, client, "while finding cache for");
    if (!(await destroy(host, cache, isQuiet))) return 1;
    if (!isQuiet && client === undefined && (await othersIn(local))) {
      await host.stderr.write("Other credential caches present, use -A to destroy all\n");
    }
    return 0;
  });
}

/** The cache of a principal among those of the collection. */
export async function cacheOfPrincipal(local: Local, text: string, doing: string): Promise<CredentialCache> {
  const wanted = principalOf(local, text, { doing: `while parsing principal name ${text}` });
  const found = hasEmptyRealm(text) ? undefined : await findCache(local, wanted, `${doing} ${text}`);
  if (found !== undefined) return found;
  throw new CommandFailure(`Matching credential not found ${doing} ${text}`, {
    advice: "klist -l shows which caches there are",
  });
}

/** Undefined if the cache is absent. */
export async function findCache(local: Local, wanted: Principal, doing?: string): Promise<CredentialCache | undefined> {
  for (const cache of await cachesOf(local, doing)) {
    const contents = await readCache(cache).catch(() => undefined);
    if (contents !== undefined && equalPrincipals(contents.principal, wanted)) return cache;
  }
  return undefined;
}

async function othersIn(local: Local): Promise<boolean> {
  return isDefaultAll(local) && (await cachesOf(local)).length > 0;
}

/** Writes what cannot be removed, and goes on: MIT's status is 0 then too. */
async function destroyOneOfAll(host: CommandHost, cache: CredentialCache): Promise<void> {
  try {
    await cache.destroy();
  } catch (cause) {
    const doing = `while destroying cache ${cache.name}`;
    await complain(host, messageOf(cacheFailure(cache.name, doing, cause, { isWrite: true })));
  }
}

async function destroy(host: CommandHost, cache: CredentialCache, isQuiet: boolean): Promise<boolean> {
  const doing = "while destroying cache";
  try {
    const wasThere = await cache.destroy();
    if (!wasThere) await complain(host, `No credentials cache found ${doing}`);
    return true;
  } catch (cause) {
    await complain(host, messageOf(cacheFailure(cache.name, doing, cause, { isWrite: true })));
    const bell = isQuiet ? "" : "\u0007";
    // As octets: text is made fit for a terminal, and this one is to be obeyed.
    await host.stderr.write(encodeText(`Ticket cache ${bell}NOT${bell} destroyed!\n`));
    return false;
  }
}
