import type { Command } from "../command.ts";

/** Every command: one line here, its code in a file of this folder, loaded when it is called. */
export const commands: readonly Command[] = [
  row("kinit", "log in, or renew a ticket", async () => (await import("./kinit.ts")).kinit),
  row("klist", "show tickets, or the keys of a keytab", async () => (await import("./klist.ts")).klist),
  row("kvno", "get a ticket for a service, and show its key version", async () => (await import("./kvno.ts")).kvno),
  row("kpasswd", "change a password", async () => (await import("./kpasswd.ts")).kpasswd),
  row("kdestroy", "remove tickets", async () => (await import("./kdestroy.ts")).kdestroy),
  row("kswitch", "choose among several caches", async () => (await import("./kswitch.ts")).kswitch),
  row("remctl", "run a command on a remctl server", async () => (await import("./remctl.ts")).remctl),
  row("keytab", "list, add and delete keys of a keytab", async () => (await import("./keytab.ts")).keytab),
];

function row(name: string, summary: string, load: () => Promise<Command["run"]>): Command {
  return { name, summary, run: async (host) => (await load())(host) };
}
