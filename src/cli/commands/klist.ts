import type { CacheContents, CredentialCache } from "../../credentials/index.ts";
import type { CommandHost } from "../command.ts";
import { type ParsedArgs, UsageError } from "../getopt.ts";
import {
  cacheOf,
  cachesOf,
  keytabName,
  type Local,
  needCache,
  openLocal,
  readCache,
  readKeytab,
  withDefaultCache,
} from "../local.ts";
import { complainOf, type Program, runProgram } from "../program.ts";
import { nameOf, say, sayAll } from "../text.ts";
import { cacheLines, hasCurrentTicket } from "./klist-cache.ts";
import { keytabLines } from "./klist-keytab.ts";

const program: Program = {
  short: "dfetKsnacki45lAVC",
  usage: `Usage: klist [-e] [-V] [-C] [[-c] [-l] [-A] [-d] [-f] [-s] [-a [-n]]] [-k [-i] [-t] [-K]] [name]
`,
  help: `Shows the tickets of a credential cache, or the keys of a keytab.

  -c    the name is a cache's (default: KRB5CCNAME, krb5.conf, FILE:/tmp/krb5cc_UID)
  -k    the name is a keytab's (default: KRB5_KTNAME, krb5.conf, FILE:/etc/krb5.keytab)
  -e    enctypes of session key and ticket, or of the keys
  -C    configuration entries too
  -V    the version, and no more

Of caches:
  -l    all caches of the collection, one a line (default: that of the default cache)
  -A    the tickets of all caches of the collection
  -s    prints nothing: status 0 if there is a valid ticket, else 1
  -f    flags: F forwardable, f forwarded, P proxiable, p proxy, D may be postdated, d postdated, R renewable,
        I initial, i invalid, H hardware, A pre-authenticated, T transit checked, O ok as delegate, a anonymous
  -a    addresses; -n: as numbers
  -d    types of authorization data

Of keytabs:
  -t    when each key was written
  -K    the keys themselves
  -i    the client keytab, if no name is given

Example: klist -ef
`,
  usageStatus: 1,
  unused: { "5": "Kerberos 5 is the only version" },
};

const LISTING = "while listing ccache collection";

/** `klist`. */
export function klist(host: CommandHost): Promise<number> {
  return runProgram(program, host, async (args) => {
    if (args.has("V")) {
      await say(host, `krb5-remctl version ${await (await import("../version.ts")).version()}`);
      return 0;
    }
    if (args.has("4")) {
      await host.stderr.write("Kerberos 4 is no longer supported\n");
      return 3;
    }
    check(args);
    const local = await openLocal(host);
    const [name] = args.operands;
    if (args.has("k")) return await showKeytab(host, local, args, name);
    if (args.has("l")) return await listCaches(host, withDefaultCache(local, name));
    if (args.has("A")) return await showAll(host, withDefaultCache(local, name), args);
    return await showOne(host, local, args, name);
  });
}

function check(args: ParsedArgs): void {
  const has = (letters: string): boolean => [...letters].some((letter) => args.has(letter));
  const isKeytab = args.has("k");
  if (isKeytab && args.has("c")) throw new UsageError();
  if (args.has("n") && !args.has("a")) throw new UsageError();
  if (isKeytab ? has("fsalA") : has("tK") || (args.has("l") && has("As"))) throw new UsageError();
  const [, extra] = args.operands;
  if (extra !== undefined) throw new UsageError(`Extra arguments (starting with "${extra}").`, { isBare: true });
}

async function showOne(host: CommandHost, local: Local, args: ParsedArgs, name: string | undefined): Promise<number> {
  if (args.has("s")) {
    try {
      return await statusOf(host, await cacheOf(local, name));
    } catch {
      return 1;
    }
  }
  const cache = await cacheOf(local, name);
  await show(host, args, cache);
  return 0;
}

async function show(host: CommandHost, args: ParsedArgs, cache: CredentialCache): Promise<void> {
  await sayAll(host, await cacheLines(cache.name, await needCache(cache), args));
}

async function statusOf(host: CommandHost, cache: CredentialCache): Promise<number> {
  const contents = await readCache(cache);
  return contents !== undefined && hasCurrentTicket(contents, host.now()) ? 0 : 1;
}

async function showAll(host: CommandHost, local: Local, args: ParsedArgs): Promise<number> {
  let status = 1;
  let isFirst = true;
  for (const cache of await cachesOf(local, LISTING)) {
    if (args.has("s")) {
      if ((await statusOf(host, cache).catch(() => 1)) === 0) return 0;
      continue;
    }
    let contents: CacheContents | undefined;
    try {
      contents = await readCache(cache);
      if (contents === undefined) continue;
    } catch (error) {
      // The others are shown all the same.
      await complainOf(host, error);
    }
    if (!isFirst) await say(host, "");
    isFirst = false;
    if (contents === undefined) continue;
    await sayAll(host, await cacheLines(cache.name, contents, args));
    status = 0;
  }
  return status;
}

async function listCaches(host: CommandHost, local: Local): Promise<number> {
  const caches = await cachesOf(local, LISTING);
  await say(host, "Principal name                 Cache name", "--------------                 ----------");
  let status = 1;
  for (const cache of caches) {
    const contents = await readCache(cache).catch(() => undefined);
    if (contents === undefined) continue;
    const expired = hasCurrentTicket(contents, host.now()) ? "" : " (Expired)";
    await say(host, `${nameOf(contents.principal).slice(0, 30).padEnd(30)} ${cache.name}${expired}`);
    status = 0;
  }
  return status;
}

async function showKeytab(
  host: CommandHost,
  local: Local,
  args: ParsedArgs,
  name: string | undefined,
): Promise<number> {
  const full = keytabName(local, name, args.has("i"));
  if (/^(?:WR)?FILE:/.test(full)) await say(host, `Keytab name: ${full}`);
  const isFile = /^(?:WR)?FILE:/.test(full);
  const keytab = await readKeytab(
    local,
    full,
    isFile ? "while starting keytab scan" : `while resolving keytab ${full}`,
  );
  await sayAll(host, keytabLines(keytab, args));
  return 0;
}
