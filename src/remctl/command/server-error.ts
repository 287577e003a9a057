import { printableText } from "../../bytes/index.ts";
import { type CommandState, type ErrorCodes, RemctlServerError } from "../../errors.ts";
import { REMCTL_ERROR } from "../../remctl-wire/index.ts";
import type { Argument } from "./argument.ts";

/** The error for a MESSAGE_ERROR (remctl protocol section 2.6): programs look at the code, the text is for people. */
export function serverError(remoteCode: number, octets: Uint8Array): RemctlServerError {
  const text = printableText(octets);
  return new RemctlServerError(
    codeOf(remoteCode),
    `the server answered error ${remoteCode}: ${text}${adviceFor(remoteCode)}`,
    remoteCode,
    text,
    // A copy: the error may live longer than the chunk it came in should.
    octets.slice(),
  );
}

function codeOf(remoteCode: number): ErrorCodes["RemctlServerError"] {
  if (remoteCode === REMCTL_ERROR.unknownCommand) return "REMCTL_UNKNOWN_COMMAND";
  if (remoteCode === REMCTL_ERROR.access) return "REMCTL_ACCESS_DENIED";
  return "REMCTL_SERVER";
}

function adviceFor(remoteCode: number): string {
  switch (remoteCode) {
    case REMCTL_ERROR.unknownCommand:
      return "; look at the command's name and at the server's configuration";
    case REMCTL_ERROR.access:
      return "; ask for this principal in the server's access list of this command";
    default:
      return "; look at the server's log";
  }
}

/**
 * What a MESSAGE_ERROR says of the command. Codes 2 to 10 mean that the server refused it: it will not run, and asking
 * again gives the same, so it is `"completed"`. Code 1 (internal failure) and codes that are not known may come when
 * the command has begun, and so may any code once there was output: `"maybe-executed"`.
 */
export function stateAfterServerError(remoteCode: number, hadOutput: boolean): CommandState {
  const isRefusal = remoteCode >= REMCTL_ERROR.badToken && remoteCode <= REMCTL_ERROR.noHelp;
  return isRefusal && !hadOutput ? "completed" : "maybe-executed";
}

/**
 * Whether the next command on the connection can be trusted to get its own answer. remctld closes after errors 2 and 9;
 * it sends a second answer after an error to `help` with three arguments or more; and after a command of several
 * messages that it refused before the end (8, and then 4) it answers each message that is left.
 */
export function isReusableAfter(remoteCode: number, command: Argument | undefined, isContinued: boolean): boolean {
  if (remoteCode === REMCTL_ERROR.badToken || remoteCode === REMCTL_ERROR.unexpectedMessage) return false;
  if (isHelp(command)) return false;
  return !isContinued || afterWholeCommand.includes(remoteCode);
}

/** What a server can find only when it has joined all messages of a command. */
const afterWholeCommand: readonly number[] = [
  REMCTL_ERROR.unknownCommand,
  REMCTL_ERROR.access,
  REMCTL_ERROR.tooManyArgs,
  REMCTL_ERROR.noHelp,
];

/** A command whose name came from a stream is not known, and may be. */
function isHelp(command: Argument | undefined): boolean {
  if (command === undefined) return false;
  return !(command instanceof Uint8Array) || new TextDecoder().decode(command) === "help";
}
