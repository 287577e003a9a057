import { hasName } from "../../errors.ts";
import type { HostOutcome } from "../../remctl/index.ts";
import type { CommandHost } from "../command.ts";
import { type ParsedArgs, UsageError } from "../getopt.ts";
import { commandArguments } from "./remctl-arguments.ts";
import { Connector, isConnecting, PORTS } from "./remctl-connect.ts";
import { failureOf } from "./remctl-failure.ts";
import { jsonReport, taggedReport } from "./remctl-report.ts";
import type { CommandSettings } from "./remctl-settings.ts";

const MAX_OUTPUT_BYTES = 2 ** 28;

/**
 * Runs one command on many servers, with one login and a ticket for each, and writes what comes of each when it is
 * done: one server's output is in one piece. Gives the highest of their exit statuses.
 */
export async function runOnMany(host: CommandHost, args: ParsedArgs, settings: CommandSettings): Promise<number> {
  if (args.operands.length === 0) throw new UsageError("");
  if (settings.isBySrv) throw new Error("--srv is for one host");
  const hosts = await hostNames(host, args);
  const command = await commandArguments(host, args.operands, {
    ...settings,
    isReused: true,
    hasReadInput: args.all("hosts-file").includes("-"),
  });
  const connector = new Connector(host, settings);
  let highest = 0;
  const write = async (outcome: HostOutcome): Promise<void> => {
    highest = Math.max(highest, await writeOutcome(host, outcome, connector, settings));
  };
  try {
    // One after another, so that two servers' outputs do not mix.
    let last: Promise<void> = Promise.resolve();
    const ports = settings.port === undefined ? PORTS : [settings.port];
    /** Of each host that is tried again: its first failure, in the order of the second run. */
    let absent: HostOutcome[] = [];
    for (const port of ports) {
      const first = absent;
      absent = [];
      const isFirst = port === ports[0];
      if (!isFirst && first.length === 0) break;
      await connector.client.runOnHosts(isFirst ? hosts : first.map(({ host }) => host), command, {
        ...connector.options,
        // What a host prints is held until it is done: a bound for each, far above any report.
        maxOutputBytes: MAX_OUTPUT_BYTES,
        port,
        concurrency: settings.concurrency,
        onResult: (outcome) => {
          // As with one host: another port is tried only if no server answers, and the error names the first place.
          if (isAbsent(outcome) && port !== ports.at(-1)) {
            absent.push(outcome);
            return undefined;
          }
          last = last.then(() => write((isAbsent(outcome) && first[outcome.index]) || outcome));
          return last;
        },
      });
    }
    return highest;
  } finally {
    connector.close();
  }
}

/** Whether nobody was there; then nothing was sent. */
function isAbsent({ error }: HostOutcome): boolean {
  return isConnecting(error) && error?.commandState === "not-sent";
}

async function writeOutcome(
  host: CommandHost,
  outcome: HostOutcome,
  connector: Connector,
  settings: CommandSettings,
): Promise<number> {
  const name = outcome.host;
  const report = settings.isJson ? jsonReport(host, name, outcome.milliseconds) : taggedReport(host, name);
  const { stdout, stderr } = outcome.result ?? outcome.error;
  if (stdout?.length) await report.output({ stream: "stdout", data: stdout });
  if (stderr?.length) await report.output({ stream: "stderr", data: stderr });
  if (outcome.result !== undefined) {
    await report.status(outcome.result.status);
    return outcome.result.status & 0xff;
  }
  const { error } = outcome;
  const stage = error.commandState === "not-sent" ? "connecting" : "reading";
  await report.failure(await failureOf(host, error, connector.about(name, stage)));
  return hasName(error, "RemctlServerError") ? 255 : 1;
}

async function hostNames(host: CommandHost, args: ParsedArgs): Promise<string[]> {
  const names = args.all("hosts").flatMap((list) => list.split(","));
  for (const path of args.all("hosts-file")) {
    const text = path === "-" ? await inputText(host) : process.getBuiltinModule("node:fs").readFileSync(path, "utf8");
    for (const line of text.split("\n")) names.push(line.replace(/#.*/, ""));
  }
  const all = names.map((name) => name.trim()).filter((name) => name !== "");
  if (all.length === 0) throw new UsageError("no host is named");
  return all;
}

async function inputText({ stdin }: CommandHost): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (let piece = await stdin.read(); piece !== undefined; piece = await stdin.read()) {
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}
