import type { Command } from "../command.ts";

/** Every command: one line here, its code in a file of this folder, loaded when it is called. */
export const commands: readonly Command[] = [
  row("klist", "show tickets, or the keys of a keytab", async () => (await import("./klist.ts")).klist),
  row("kdestroy", "remove tickets", async () => (await import("./kdestroy.ts")).kdestroy),
  row("kswitch", "choose among several caches", async () => (await import("./kswitch.ts")).kswitch),
];

function row(name: string, summary: string, load: () => Promise<Command["run"]>): Command {
  return { name, summary, run: async (host) => (await load())(host) };
}
