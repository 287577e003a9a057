import { plainLine } from "../errors.ts";
import { REMCTL_ERROR } from "../remctl-wire/index.ts";

/** An answer MESSAGE_ERROR (remctl protocol section 2.6). It is a value: nothing went wrong here. */
export interface Refusal {
  readonly code: number;
  readonly text: string;
}

/** The errors that this server sends. The texts are for people and the same as remctld's, which waits for ever. */
export const REFUSAL: Readonly<
  Record<
    | "internal"
    | "badToken"
    | "unknownMessage"
    | "badCommand"
    | "unknownCommand"
    | "access"
    | "tooManyArgs"
    | "tooManyHelpArgs"
    | "tooMuchData"
    | "tooSlow"
    | "unexpectedMessage"
    | "noHelp",
    Refusal
  >
> = {
  internal: { code: REMCTL_ERROR.internal, text: "Internal failure" },
  badToken: { code: REMCTL_ERROR.badToken, text: "Invalid token" },
  unknownMessage: { code: REMCTL_ERROR.unknownMessage, text: "Unknown message" },
  badCommand: { code: REMCTL_ERROR.badCommand, text: "Invalid command token" },
  unknownCommand: { code: REMCTL_ERROR.unknownCommand, text: "Unknown command" },
  access: { code: REMCTL_ERROR.access, text: "Access denied" },
  tooManyArgs: { code: REMCTL_ERROR.tooManyArgs, text: "Too many arguments" },
  tooManyHelpArgs: { code: REMCTL_ERROR.tooManyArgs, text: "Too many arguments for help command" },
  tooSlow: { code: REMCTL_ERROR.badCommand, text: "Command took too long to arrive" },
  tooMuchData: { code: REMCTL_ERROR.tooMuchData, text: "Too much data" },
  unexpectedMessage: { code: REMCTL_ERROR.unexpectedMessage, text: "Unexpected message" },
  noHelp: { code: REMCTL_ERROR.noHelp, text: "No help defined for command" },
};

/** The connection ends without a word to the client: it does not speak this protocol, or not as it must be spoken. */
export class Hangup extends Error {
  override readonly name: string = "Hangup";

  constructor(reason: string) {
    super(plainLine(reason));
  }
}

/** The connection ends after the client was answered: what it has sent of a command will not become one. */
export class Unfinished extends Hangup {
  readonly refusal: Refusal;

  constructor(reason: string, refusal: Refusal) {
    super(reason);
    this.refusal = refusal;
  }
}
