import { rmSync } from "node:fs";
import path from "node:path";
import { freePort } from "../../../tools/beds/process.mjs";
import { ALICE, PASSWORD, REALM, SERVICE, type Walk, type World } from "./world.ts";

const kinit = ({ cli }: World, options: { name?: string; secret?: string; env?: Record<string, string> } = {}) =>
  cli(["kinit", options.name ?? ALICE], {
    input: `${options.secret ?? PASSWORD}\n`,
    ...(options.env === undefined ? {} : { env: options.env }),
  });

/** The same by the command line: its words lead to the same sections. */
export const commandWalks: readonly Walk[] = [
  {
    what: "kinit: a password with a slip",
    code: "WRONG_PASSWORD",
    cure: "Type it again",
    attempt: (world, isMended) => kinit(world, { secret: isMended ? PASSWORD : "Correct horse" }),
  },
  {
    what: "kinit: a name with a slip",
    code: "CLIENT_UNKNOWN",
    cure: "Look at spelling and realm",
    attempt: (world, isMended) => kinit(world, { name: isMended ? ALICE : `alcie@${REALM}` }),
  },
  {
    what: "kinit: the realm in lower case",
    code: "NO_KDC_FOR_REALM",
    cure: "Give `kdc`, a block of the realm",
    attempt: (world, isMended) => kinit(world, { name: isMended ? ALICE : ALICE.toLowerCase() }),
  },
  {
    what: "kinit: a KDC that is not there",
    code: "KDC_UNREACHABLE",
    cure: "is port 88 open",
    attempt: async (world, isMended) => {
      const { KRB5_CONFIG } = await world.env();
      const gone = `[libdefaults]\ndns_lookup_kdc = false\n[realms]\n${REALM} = {\nkdc = 127.0.0.1:${await freePort()}\n}\n`;
      const env = { KRB5_CONFIG: isMended ? (KRB5_CONFIG as string) : world.file("gone.conf", gone) };
      return await kinit(world, { env });
    },
  },
  {
    what: "kinit: an account that is locked",
    code: "CLIENT_LOCKED",
    cure: "let an administrator unlock it",
    attempt: (world, isMended) => {
      world.realm.changePrincipal("alice", { isLocked: !isMended });
      return kinit(world);
    },
  },
  {
    what: "kinit -k: a keytab from before `ktadd`",
    code: "KEYTAB",
    cure: "write the keytab anew",
    attempt: async (world, isMended) => {
      const before = world.realm.keytab("robot");
      world.realm.rotateKey("robot");
      const file = world.file("robot.keytab", isMended ? world.realm.keytab("robot") : before);
      return await world.cli(["kinit", "-k", "-t", file, `robot@${REALM}`]);
    },
  },
  {
    what: "kinit -k: a keytab of somebody else",
    code: "KEYTAB_NO_KEY",
    cure: "The message lists what it has",
    attempt: async (world, isMended) => {
      const file = world.file("robot.keytab", world.realm.keytab(isMended ? "robot" : SERVICE));
      return await world.cli(["kinit", "-k", "-t", file, `robot@${REALM}`]);
    },
  },
  {
    what: "kvno before kinit",
    code: "CCACHE",
    cure: "`npx krb5-remctl klist` shows what is in it",
    attempt: async (world, isMended) => {
      if (isMended) await kinit(world);
      return await world.cli(["kvno", SERVICE]);
    },
  },
  {
    what: "kvno: a service that is not there",
    code: "SERVICE_UNKNOWN",
    cure: "it must be as the principal has it",
    attempt: async (world, isMended) => {
      await kinit(world);
      return await world.cli(["kvno", isMended ? SERVICE : "host/server"]);
    },
  },
  {
    what: "kinit -R: a ticket that is not renewable",
    code: "KDC",
    cure: "The words, and the KDC's log",
    attempt: async (world, isMended) => {
      const life = isMended ? ["-r", "7d"] : ["-l", "1h"];
      await world.cli(["kinit", ...life, ALICE], { input: `${PASSWORD}\n` });
      return await world.cli(["kinit", "-R"]);
    },
  },
  {
    what: "klist: a cache that is damaged",
    code: "CCACHE",
    cure: "a damaged file",
    attempt: async (world, isMended) => {
      const octets = world.realm.ccache("alice");
      const place = world.file("cc", isMended ? octets : octets.subarray(0, octets.length - 9));
      return await world.cli(["klist", `FILE:${place}`]);
    },
  },
  {
    what: "klist -k: a keytab that is not there",
    code: "KEYTAB",
    cure: "the message names the file and what is wrong with it",
    attempt: async (world, isMended) => {
      const file = world.file("a.keytab", world.realm.keytab("robot"));
      if (!isMended) rmSync(file);
      return await world.cli(["klist", "-k", path.join(world.folder, "a.keytab")]);
    },
  },
  {
    what: "kinit: a krb5.conf that is damaged",
    code: "CONFIG",
    cure: "Mend that line",
    attempt: async (world, isMended) => {
      const { KRB5_CONFIG } = await world.env();
      const env = { KRB5_CONFIG: isMended ? (KRB5_CONFIG as string) : world.file("bad.conf", "[libdefaults\n") };
      return await kinit(world, { env });
    },
  },
  {
    what: "remctl: a command that is for others",
    code: "REMCTL_ACCESS_DENIED",
    cure: "Add the principal to the command's ACL",
    attempt: (world, isMended) => remctl(world, ["account", isMended ? "show" : "drop"]),
  },
  {
    what: "remctl: a command with a slip",
    code: "REMCTL_UNKNOWN_COMMAND",
    cure: "Look at the spelling",
    attempt: (world, isMended) => remctl(world, ["account", isMended ? "show" : "shwo"]),
  },
  {
    what: "remctl: a server that does not listen",
    code: "CONNECT",
    cure: "Look at name and port",
    attempt: async (world, isMended) => remctl(world, ["account", "show"], isMended ? undefined : await freePort()),
  },
];

async function remctl(world: World, command: readonly string[], port?: number) {
  await kinit(world);
  const server = world.serve();
  await server.listen({ host: "127.0.0.1", port: 0 });
  const words = ["-s", SERVICE, "-p", String(port ?? server.port), "127.0.0.1", ...command];
  return await world.cli(["remctl", ...words]);
}
