import type { Command } from "../command.ts";

/** Every command: one line here, its code in a file of this folder, loaded when it is called. */
export const commands: readonly Command[] = [
  row("kinit", "log in, or renew a ticket", async () => (await import("./kinit.ts")).kinit),
  row("klist", "show tickets, or the keys of a keytab", async () => (await import("./klist.ts")).klist),
  row("kvno", "get a ticket for a service, and show its key version", async () => (await import("./kvno.ts")).kvno),
  row("k5start", "keep a ticket by a keytab, for a command", async () => (await import("./k5start.ts")).k5start),
  row("krenew", "keep a ticket by renewing it, for a command", async () => (await import("./krenew.ts")).krenew),
  row("kpasswd", "change a password", async () => (await import("./kpasswd.ts")).kpasswd),
  row("kdestroy", "remove tickets", async () => (await import("./kdestroy.ts")).kdestroy),
  row("kswitch", "choose among several caches", async () => (await import("./kswitch.ts")).kswitch),
  row("remctl", "run a command on a remctl server", async () => (await import("./remctl.ts")).remctl),
  row("keytab", "list, add and delete keys of a keytab", async () => (await import("./keytab.ts")).keytab),
  row("ktutil", "edit keytabs, line by line", async () => (await import("./ktutil.ts")).ktutil),
  row("trace", "run a command with every step shown", async () => (await import("./trace.ts")).trace),
  row("decode", "show what is in Kerberos octets", async () => (await import("./decode.ts")).decode),
  row("doctor", "diagnose configuration, network and login", async () => (await import("./doctor.ts")).doctor),
  row("link", "make kinit, klist and the rest commands of their own", async () => (await import("./link.ts")).link),
];

function row(name: string, summary: string, load: () => Promise<Command["run"]>): Command {
  return { name, summary, run: async (host) => (await load())(host) };
}
