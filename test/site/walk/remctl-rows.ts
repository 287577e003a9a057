import { HOST, REALM, SERVICE, type Walk } from "./world.ts";

/** Commands, sessions and pools. */
export const remctlWalks: readonly Walk[] = [
  {
    what: "a command that is for others",
    code: "REMCTL_ACCESS_DENIED",
    cure: "Add the principal to the command's ACL",
    attempt: ({ realm, client, serve }, isMended) => {
      const acl = [`bob@${REALM}`, ...(isMended ? [`alice@${REALM}`] : [])];
      const keytab = realm.keytab(SERVICE);
      serve({ keytab, commands: [{ command: "account", subcommand: "drop", acl, handler: () => 0 }] });
      return client().remctl(HOST, ["account", "drop"]);
    },
  },
  {
    what: "a command with a slip",
    code: "REMCTL_UNKNOWN_COMMAND",
    cure: "Look at the spelling",
    attempt: ({ client }, isMended) => client().remctl(HOST, ["account", isMended ? "show" : "shwo"]),
  },
  {
    what: "more arguments than the server takes",
    code: "REMCTL_SERVER",
    cure: "Look at the server's log",
    attempt: ({ client, serve }, isMended) => {
      serve({ maxArguments: isMended ? 10 : 3 });
      return client().remctl(HOST, ["account", "show", "a", "b"]);
    },
  },
  {
    what: "more output than is collected",
    code: "REMCTL_OUTPUT_LIMIT",
    cure: "Raise it, or take the output by `stream()`",
    attempt: async ({ client }, isMended) => {
      await using session = await client().connect(HOST);
      return await session.run(["log", "all"], { maxOutputBytes: isMended ? 10_000 : 100 });
    },
  },
  {
    what: "a stream that is shorter than it said",
    code: "REMCTL_ARGUMENT",
    cure: "Mend the stream",
    attempt: async ({ client }, isMended) => {
      const stream = async function* () {
        yield Uint8Array.of(1, 2, 3);
      };
      return await client().remctl(HOST, ["account", "show", { size: isMended ? 3 : 4, stream }]);
    },
  },
  {
    what: "a session after its end",
    code: "REMCTL_SESSION_CLOSED",
    cure: "Open another",
    attempt: async ({ client }, isMended) => {
      const session = await client().connect(HOST);
      await session.close();
      await using other = isMended ? await client().connect(HOST) : session;
      return await other.run(["account", "show"]);
    },
  },
  {
    what: "two commands at once on one session",
    code: "REMCTL_SESSION_BUSY",
    cure: "ask for a `pipelineDepth`",
    attempt: async ({ client }, isMended) => {
      await using session = await client().connect(HOST, isMended ? { pipelineDepth: 2 } : {});
      return await Promise.all([session.run(["account", "show"]), session.run(["account", "show"])]);
    },
  },
  {
    what: "a pool after its end",
    code: "REMCTL_POOL_CLOSED",
    cure: "Do not use it after `close()`",
    attempt: async ({ client }, isMended) => {
      const pool = client().pool();
      if (isMended) await pool.run(HOST, ["account", "show"]);
      await pool.close();
      if (!isMended) await pool.run(HOST, ["account", "show"]);
    },
  },
  {
    what: "more calls than a pool lets wait",
    code: "REMCTL_POOL_FULL",
    cure: "raise `maxWaiting` or `maxSessionsPerHost`",
    attempt: async ({ client }, isMended) => {
      await using pool = client().pool({ maxSessionsPerHost: 1, maxWaiting: isMended ? 5 : 0 });
      return await Promise.all([1, 2, 3].map(() => pool.run(HOST, ["account", "show"])));
    },
  },
  {
    what: "a function that makes a host's command, and throws",
    code: "REMCTL_TARGET",
    cure: "Look at `cause`",
    attempt: async ({ client }, isMended) => {
      const command = () => {
        if (!isMended) throw new Error("the inventory is not there");
        return ["account", "show"];
      };
      const { failures } = await client().runOnHosts([HOST], command);
      for (const { error } of failures) throw error;
    },
  },
];
