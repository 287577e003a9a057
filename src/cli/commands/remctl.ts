import type { CommandHost } from "../command.ts";
import type { ParsedArgs } from "../getopt.ts";
import { UsageError } from "../getopt.ts";
import { complain, type Program, runProgram } from "../program.ts";
import { version } from "../version.ts";
import { runOnOne } from "./remctl-one.ts";
import type { CommandSettings } from "./remctl-settings.ts";

const usage =
  "Usage: remctl [-dhv] [-b source-ip] [-p port] [-s service] [-t timeout] host command [subcommand [parameters...]]\n";

const program: Program = {
  short: "b:dhp:s:t:v",
  long: {
    "allow-version-1": "allow-version-1",
    concurrency: "concurrency:",
    expand: "expand",
    hosts: "hosts:",
    "hosts-file": "hosts-file:",
    json: "json",
    protocol: "protocol:",
    srv: "srv",
  },
  stopAtOperand: true,
  isInOrder: true,
  usageStatus: 1,
  usage,
  help: `  -b source-ip   connect from this address
  -d             show every step on standard error
  -h             show this
  -p port        port (default: 4373, then 4444)
  -s service     the server's principal (default: host/<host>)
  -t timeout     seconds that the server may be silent (default: no limit)
  -v             show the version

  --json                  write JSON lines: output, exit status, errors
  --expand                the argument @- is standard input, @FILE a file's octets, @? or @?PROMPT is asked for twice
                          without echo, and @@... stands for @...
  --hosts A,B,...         run the command on all of these hosts; each line begins with its host
  --hosts-file FILE       the same, one host per line; - is standard input
  --concurrency N         how many hosts at once (default: 32)
  --srv                   find the server by the SRV records _remctl._tcp.<host>
  --protocol 1            speak version 1 of the protocol, of servers older than 2007
  --allow-version-1       speak it if the server asks for it

The exit status is the command's. 255 is also an error that the server answered, 1 a failure on this side.

Example: remctl server.example.org quota get alice
`,
};

/** remctl: runs a command on a remctl server, like the program of that name. */
export const remctl = (host: CommandHost): Promise<number> =>
  runProgram(program, host, async (args) => {
    const early = await readOptions(host, args);
    if (typeof early === "number") return early;
    const settings = early;
    const hosts = [...args.all("hosts"), ...args.all("hosts-file")];
    if (hosts.length > 0) {
      const { runOnMany } = await import("./remctl-many.ts");
      return await runOnMany(host, args, settings);
    }
    const [name, ...words] = args.operands;
    if (name === undefined || words.length === 0) throw new UsageError("");
    return await runOnOne(host, name, words, settings);
  });

/**
 * Options in their order, as the C program looks at them: `-h` and `-v` end it, and so does the first that is wrong.
 */
async function readOptions(host: CommandHost, args: ParsedArgs): Promise<CommandSettings | number> {
  let port: number | undefined;
  let timeoutMs: number | undefined;
  let concurrency: number | undefined;
  let protocol: 1 | 2 | undefined;
  for (const { name, value = "" } of args.options) {
    if (name === "h") {
      await host.stdout.write(`${program.usage}\n${program.help}`);
      return 0;
    }
    if (name === "v") {
      await host.stdout.write(`remctl (krb5-remctl) ${await version()}\n`);
      return 0;
    }
    const { number, shown, isWhole } = leadingInteger(value);
    if (name === "p") {
      if (!isWhole || number < 1 || number > 65_535) return await refuse(host, `invalid port number ${shown}`);
      port = number;
    } else if (name === "t") {
      if (!isWhole || number < 0) return await refuse(host, `invalid timeout value ${shown}`);
      timeoutMs = number === 0 ? undefined : number * 1_000;
    } else if (name === "concurrency") {
      if (!isWhole || number < 1 || number > 10_000) return await refuse(host, `invalid concurrency ${value}`);
      concurrency = number;
    } else if (name === "protocol") {
      if (value !== "1" && value !== "2") return await refuse(host, `invalid protocol version ${value}: 1 or 2`);
      protocol = value === "1" ? 1 : 2;
    }
  }
  if (args.error !== undefined) throw args.error;
  const source = args.get("b");
  return {
    port,
    timeoutMs,
    concurrency,
    protocol,
    // Words of libremctl for no address in particular.
    localAddress: source === "any" || source === "all" ? undefined : source,
    service: args.get("s"),
    isDebugging: args.has("d"),
    isJson: args.has("json"),
    isExpanding: args.has("expand"),
    isBySrv: args.has("srv"),
    allowVersion1: args.has("allow-version-1"),
  };
}

async function refuse(host: CommandHost, message: string): Promise<number> {
  await complain(host, message);
  return 1;
}

const MAX_LONG = 2n ** 63n - 1n;
const MIN_LONG = -(2n ** 63n);

/**
 * As strtol(3): the number at the beginning, 0 if it is missing, the nearest of 64 bits if it has more, and whether it
 * is all there is. `shown` is all of its digits.
 */
function leadingInteger(text: string): { readonly number: number; readonly shown: string; readonly isWhole: boolean } {
  const [all = "", sign = "", digits = "0"] = /^[ \t\n\v\f\r]*([+-]?)(\d+)/.exec(text) ?? [];
  const exact = sign === "-" ? -BigInt(digits) : BigInt(digits);
  const value = exact > MAX_LONG ? MAX_LONG : exact < MIN_LONG ? MIN_LONG : exact;
  return { number: Number(value), shown: `${value}`, isWhole: all.length === text.length };
}
