import type { CommandHandler, RemctlCommand } from "../../src/entry/server.ts";
import { textOf } from "./raw-remctl-client.ts";

const LINE = "a line of large output, 40 octets long.\n";

/** What `test large-output N` prints, here and in the remctld bed. */
export function largeOutput(size: number): Uint8Array {
  return new TextEncoder().encode(LINE.repeat(Math.ceil(size / LINE.length))).subarray(0, size);
}

export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const countArguments: CommandHandler = async ({ args, stdout }) => {
  await stdout.write(`${args.length}\n`);
  return 0;
};

/** The commands of the remctld bed that a wire case uses, as functions. */
export function bedCommands(realm: string): RemctlCommand[] {
  const test = (
    subcommand: string,
    handler: CommandHandler,
    acl: RemctlCommand["acl"] = ["ANYUSER"],
  ): RemctlCommand => ({
    command: "test",
    subcommand,
    acl,
    handler,
  });
  const hello: CommandHandler = async ({ stdout }) => {
    await stdout.write("hello world\n");
    return 0;
  };
  return [
    test("test", hello),
    test("status", ({ args }) => Number(textOf(args[0] as Uint8Array))),
    test("no-output", () => 0),
    test("mixed", async ({ stdout, stderr }) => {
      await stdout.write("out1\n");
      await stderr.write("err1\n");
      await stdout.write("out2\n");
      return 7;
    }),
    test("stderr", async ({ args, stderr }) => {
      await stderr.write(`${args.map(textOf).join(" ")}\n`);
      return 0;
    }),
    test("streaming", async ({ stdout, stderr }) => {
      await stdout.write("This is the first line\n");
      await pause(100);
      await stderr.write("This is the second line\n");
      await pause(100);
      await stdout.write("This is the third line\n");
      return 0;
    }),
    test("argv", countArguments),
    test("echo-args", async ({ args, stdout }) => {
      for (const arg of args) await stdout.write(`${Buffer.from(arg).toString("hex")}\n`);
      return 0;
    }),
    test("env", async ({ args, user, address, expires, stdout }) => {
      const variables: Record<string, string> = {
        REMUSER: user,
        REMOTE_USER: user,
        REMOTE_ADDR: address ?? "",
        REMOTE_EXPIRES: String(Math.floor((expires?.getTime() ?? 0) / 1000)),
      };
      await stdout.write(`${variables[textOf(args[0] as Uint8Array)] ?? ""}\n`);
      return 0;
    }),
    test("stdin", async ({ args: [mode, data], stdout }) => {
      const kind = textOf(mode as Uint8Array);
      if (kind === "read") await stdout.write(data as Uint8Array);
      else if (kind === "slow") await stdout.write(`${data?.length}\n`);
      else await stdout.write("Okay\n");
      return 0;
    }),
    test("cat", async ({ args, stdout }) => {
      await stdout.write(args.at(-1) as Uint8Array);
      return 0;
    }),
    test("sleep", async ({ args, stdout, signal }) => {
      if (args[0] !== undefined) await stdout.write(`${textOf(args[0])}\n`);
      await pause(3_000, signal);
      return 0;
    }),
    test("sleep-for", async ({ args: [seconds, word], stdout, signal }) => {
      await pause(1000 * Number(textOf(seconds as Uint8Array)), signal);
      await stdout.write(`${textOf(word as Uint8Array)}\n`);
      return 0;
    }),
    test("large-output", async ({ args, stdout }) => {
      await stdout.write(largeOutput(Number(textOf(args[0] as Uint8Array))));
      return 0;
    }),
    test("binary", async ({ stdout }) => {
      await stdout.write(Uint8Array.from({ length: 256 }, (_, octet) => octet));
      return 0;
    }),
    test("no-newline", async ({ stdout }) => {
      await stdout.write("no newline");
      return 0;
    }),
    test("noauth", hello, [`nobody@${realm}`]),
    test("noacl", hello, () => {
      throw new Error("the ACL file is missing");
    }),
    test("alice-only", hello, [`alice@${realm}`]),
    {
      command: "helpme",
      subcommand: "ALL",
      acl: ["ANYUSER"],
      summary: "summary text",
      help: ({ subcommand }) => (subcommand === undefined ? "help text" : "subhelp text"),
      handler: hello,
    },
    {
      command: "helpme-sub",
      subcommand: "subcommand",
      acl: ["ANYUSER"],
      summary: "subcommand summary",
      help: "subhelp text",
      handler: hello,
    },
    { command: "empty", subcommand: "EMPTY", acl: ["ANYUSER"], handler: countArguments },
    { command: "all", subcommand: "ALL", acl: ["ANYUSER"], handler: countArguments },
    { command: "ALL", subcommand: "bar", acl: ["ANYUSER"], help: "0", handler: countArguments },
  ];
}
