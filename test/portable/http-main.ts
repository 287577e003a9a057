// For hosts with a command line: the configuration is the first argument.

import { runHttp } from "./http.ts";

const host = globalThis as {
  readonly Deno?: { readonly args: readonly string[] };
  readonly process?: { readonly argv: readonly string[] };
};
const [config = ""] = host.Deno?.args ?? host.process?.argv.slice(2) ?? [];
console.log(JSON.stringify(await runHttp(JSON.parse(config))));
