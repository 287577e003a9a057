import { PreauthError } from "../errors.ts";
import { formatPrincipal, type Principal } from "../krb5/index.ts";

/** A question to the user. */
export interface Question {
  /** Who is logging in. */
  readonly client: Principal;
  /** What to show. It may come from the KDC: a terminal must not obey it. */
  readonly text: string;
}

/** A question for a one-time password (RFC 6560 section 4.1). */
export interface OtpQuestion extends Question {
  /** What the token needs to be given. */
  readonly challenge?: string;
  /** Who made the token. */
  readonly vendor?: string;
  /** How many characters it has. */
  readonly length?: number;
  /** What it consists of. */
  readonly format?: "decimal" | "hexadecimal" | "alphanumeric" | "binary" | "base64";
}

/** Shows a question and resolves with the answer. */
export type Ask<Q extends Question = Question> = (question: Q) => Promise<string>;

/** How a login asks the user for what it was not given. A promise that rejects ends the login. */
export interface Prompts {
  /** Asks for the password. */
  readonly password?: Ask;
  /** Asks for a new password, in place of one that has expired. */
  readonly newPassword?: Ask;
  /** Asks for a one-time password. The answer is used once, whatever comes of it. */
  readonly otp?: Ask<OtpQuestion>;
  /** Asks for the PIN of a token or a smart card. */
  readonly pin?: Ask;
  /** Asks for the passphrase of a private key. */
  readonly passphrase?: Ask;
}

const WORDS: Readonly<Record<keyof Prompts, string>> = {
  password: "a password",
  newPassword: "a new password",
  otp: "a one-time password",
  pin: "a PIN",
  passphrase: "the passphrase of a private key",
};

/** All prompts: those that are absent reject with PreauthError `PROMPT_NEEDED`. */
export function completePrompts(given: Prompts): Required<Prompts> {
  const one = (kind: keyof Prompts) => async (question: Question) => {
    const prompt = given[kind];
    if (prompt !== undefined) return await prompt.call(given, question);
    const client = formatPrincipal(question.client);
    throw new PreauthError(
      "PROMPT_NEEDED",
      `logging in as ${client} needs ${WORDS[kind]}, and there is nobody to ask: give the prompt \`${kind}\``,
    );
  };
  return {
    password: one("password"),
    newPassword: one("newPassword"),
    otp: one("otp"),
    pin: one("pin"),
    passphrase: one("passphrase"),
  };
}
