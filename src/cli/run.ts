import type { Command, CommandHost } from "./command.ts";
import { commands as allCommands } from "./commands/index.ts";
import { hostOf } from "./host-of.ts";
import { complain, isBrokenPipe, messageOf } from "./program.ts";
import { withPlainText } from "./text.ts";

export const PROGRAM = "krb5-remctl";
/** What a shell says of a program that wrote to a pipe nobody reads. */
const BROKEN_PIPE_STATUS = 141;

/**
 * Runs the command that `host.name` says, or else the one that the first argument says, and gives its exit status.
 * Never rejects.
 */
export async function run(host: CommandHost, commands: readonly Command[] = allCommands): Promise<number> {
  try {
    const own = commands.find(({ name }) => name === host.name);
    if (own !== undefined)
      return await own.run(hostOf(host, host.name, host.args, { ...withPlainText(host), commands }));
    const [name = "", ...args] = host.args;
    const command = commands.find((one) => one.name === name);
    // Member by member: `signal` is a getter that must not be looked at for nothing.
    if (command !== undefined) return await command.run(hostOf(host, name, args, { ...withPlainText(host), commands }));
    return await answerForItself(host, name, commands);
  } catch (error) {
    if (isBrokenPipe(error)) return BROKEN_PIPE_STATUS;
    await complain(host, messageOf(error)).catch(() => {});
    return 1;
  }
}

async function answerForItself(host: CommandHost, name: string, commands: readonly Command[]): Promise<number> {
  if (name === "--version" || name === "-V") {
    const { version } = await import("./version.ts");
    await host.stdout.write(`${PROGRAM} ${await version()}\n`);
    return 0;
  }
  const isHelp = name === "--help" || name === "-h" || name === "help";
  const width = Math.max(...commands.map((command) => command.name.length), 0) + 2;
  const list = commands.map((command) => `  ${command.name.padEnd(width)}${command.summary}\n`).join("");
  const usage = `Usage: ${PROGRAM} COMMAND [options]\n\n${list}\n${PROGRAM} COMMAND --help shows the options of a command.\n`;
  if (!isHelp && name !== "") await complain(host, `unknown command ${JSON.stringify(name)}`);
  await (isHelp ? host.stdout : host.stderr).write(usage);
  return isHelp ? 0 : 2;
}
