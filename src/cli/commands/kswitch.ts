import { openCollection } from "../../credentials/index.ts";
import type { CommandHost } from "../command.ts";
import { UsageError } from "../getopt.ts";
import { cacheFailure, cacheOf, openLocal } from "../local.ts";
import { type Program, runProgram } from "../program.ts";
import { cacheOfPrincipal } from "./kdestroy.ts";

const program: Program = {
  short: "c:p:",
  usage: `Usage: kswitch {-c cache_name | -p principal}
`,
  help: `Makes a cache the primary one of its collection, which is used by default.

  -c    the cache of this name
  -p    the cache of this principal

Example: kswitch -p alice@EXAMPLE.ORG
`,
  usageStatus: 2,
};

/** `kswitch`. */
export function kswitch(host: CommandHost): Promise<number> {
  return runProgram(program, host, async (args) => {
    const name = args.get("c");
    const client = args.get("p");
    if (args.options.length > 1) throw new UsageError("Only one -c or -p option allowed", { isBare: true });
    if (name === undefined && client === undefined)
      throw new UsageError("One of -c or -p must be specified", { isBare: true });
    if (args.operands.length > 0) throw new UsageError();
    const local = await openLocal(host);
    const cache =
      client === undefined
        ? await cacheOf(local, name, `while resolving ${name}`)
        : await cacheOfPrincipal(local, client, "while searching for ccache for");
    // The cache's own collection, which need not be the default one's. Other types have none, and there MIT says
    // nothing.
    if (cache.type !== "DIR" && cache.type !== "KCM") return 0;
    const collection = openCollection(cache.name, local.caches);
    try {
      await collection?.setPrimary(cache);
    } catch (cause) {
      throw cacheFailure(cache.name, "while switching to credential cache", cause);
    }
    return 0;
  });
}
