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
  readonly vendor?: string;
  /** How many characters it has. */
  readonly length?: number;
  readonly format?: "decimal" | "hexadecimal" | "alphanumeric" | "binary" | "base64";
}

/** How a login asks the user for what it was not given. A promise that rejects ends the login. */
export interface Prompts {
  password?(question: Question): Promise<string>;
  newPassword?(question: Question): Promise<string>;
  /** A one-time password. It is used once, whatever comes of it. */
  otp?(question: OtpQuestion): Promise<string>;
  /** The PIN of a token or a smart card. */
  pin?(question: Question): Promise<string>;
  /** The passphrase of a private key. */
  passphrase?(question: Question): Promise<string>;
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
