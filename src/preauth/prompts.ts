import { PreauthError } from "../errors.ts";
import { formatPrincipal, type Principal } from "../krb5/index.ts";

/** A question to the user. */
export interface Question {
  /** Who is logging in. */
  readonly client: Principal;
  /** What to show. It may come from the KDC: a terminal must not obey it. */
  readonly text: string;
}

/** What a KDC says of a token for one-time passwords (RFC 6560 section 4.1). */
export interface OtpToken {
  /** What the token needs to be given. */
  readonly challenge?: string;
  /** Who made the token. */
  readonly vendor?: string;
  /** What the token is for. */
  readonly service?: string;
  /** How many characters it has. */
  readonly length?: number;
  /** What it consists of. */
  readonly format?: "decimal" | "hexadecimal" | "alphanumeric" | "binary" | "base64";
}

/** A question for a one-time password. */
export interface OtpQuestion extends Question, OtpToken {}

/** A question which of several tokens is used. */
export interface TokenQuestion extends Question {
  /** Two tokens at least. */
  readonly tokens: readonly OtpToken[];
}

/** What a KDC says of the PIN of a token after a login (RFC 6560 section 4.3). */
export interface PinNotice {
  /** Who has logged in. */
  readonly client: Principal;
  /** The PIN from now on, which the KDC has set: show it to the user, and to nobody else. */
  readonly newPin?: string;
  /** A PIN that the KDC proposes for the change. */
  readonly proposedPin?: string;
  /** Whether the user has to change the PIN before the next login. */
  readonly isChangeNeeded: boolean;
  /** The fewest characters of a PIN. */
  readonly minLength?: number;
  /** The most characters of a PIN. */
  readonly maxLength?: number;
  /** What a PIN consists of. */
  readonly format?: OtpToken["format"];
}

/** Shows a question and resolves with the answer. */
export type Ask<Q extends Question = Question> = (question: Q) => Promise<string>;

/** How a login asks the user for what it was not given. A promise that rejects ends the login. */
export interface Prompts {
  /** Asks for the password. */
  readonly password?: Ask | undefined;
  /** Asks for a new password, in place of one that has expired. */
  readonly newPassword?: Ask | undefined;
  /** Asks for a one-time password. The answer is used once, whatever comes of it. */
  readonly otp?: Ask<OtpQuestion> | undefined;
  /** Chooses among tokens: resolves with the place of one in the list, from 0. Default: the first. */
  readonly token?: ((question: TokenQuestion) => Promise<number>) | undefined;
  /** Asks for the PIN of a token or a smart card. */
  readonly pin?: Ask | undefined;
  /** Shows what the KDC says of the PIN after a login: a new one that it has set is shown nowhere else. */
  readonly pinNotice?: ((notice: PinNotice) => Promise<void>) | undefined;
  /** Asks for the passphrase of a private key. */
  readonly passphrase?: Ask | undefined;
}

/** Prompts of which only the choice of a token, and what shows a new PIN, may be absent. */
export type CompletePrompts = {
  readonly [kind in Exclude<keyof Prompts, "token" | "pinNotice">]: NonNullable<Prompts[kind]>;
} & Pick<Prompts, "token" | "pinNotice">;

const WORDS: Readonly<Record<keyof Omit<Prompts, "token" | "pinNotice">, string>> = {
  password: "a password",
  newPassword: "a new password",
  otp: "a one-time password",
  pin: "a PIN",
  passphrase: "the passphrase of a private key",
};

/** All prompts: those that are absent reject with PreauthError `PROMPT_NEEDED`. */
export function completePrompts(given: Prompts): CompletePrompts {
  const one = (kind: keyof typeof WORDS) => async (question: Question) => {
    const prompt = given[kind];
    if (prompt !== undefined) return await prompt.call(given, question);
    const client = formatPrincipal(question.client);
    throw new PreauthError(
      "PROMPT_NEEDED",
      `logging in as ${client} needs ${WORDS[kind]}, and nobody can be asked: give the prompt \`${kind}\``,
    );
  };
  return {
    password: one("password"),
    newPassword: one("newPassword"),
    otp: one("otp"),
    token: given.token?.bind(given),
    pin: one("pin"),
    pinNotice: given.pinNotice?.bind(given),
    passphrase: one("passphrase"),
  };
}
