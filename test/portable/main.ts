// For hosts with a command line: Node, Deno, Bun. Prints the report as JSON; the adapter to be is the first argument.

import { runSuite } from "./suite.ts";

const host = globalThis as {
  readonly Deno?: { readonly args: readonly string[] };
  readonly process?: { readonly argv: readonly string[] };
};
const [expected = ""] = host.Deno?.args ?? host.process?.argv.slice(2) ?? [];
console.log(JSON.stringify(await runSuite(expected)));
