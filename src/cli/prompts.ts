import type { OtpQuestion, Prompts, TokenQuestion } from "../preauth/index.ts";
import type { CommandHost } from "./command.ts";
import { CommandFailure } from "./failure.ts";

/** Asks at the terminal what a login was not given, in the words of MIT's tools. */
export function promptsOf(host: CommandHost): Prompts {
  const secret = async (text: string): Promise<string> => {
    const octets = await host.readSecret(`${text}: `);
    if (octets === undefined) throw new CommandFailure("Cannot read password");
    try {
      // What is not UTF-8 must not become another secret, which a KDC counts as a wrong one.
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
    } catch {
      throw new CommandFailure("Cannot read password", {
        advice: "what was typed is not UTF-8: look at the terminal's locale",
      });
    }
  };
  return {
    async otp({ text, challenge }: OtpQuestion) {
      if (challenge !== undefined) await host.stdout.write(`OTP Challenge: ${challenge}\n`);
      return await secret(text);
    },
    pin: ({ text }) => secret(text),
    async pinNotice({ newPin, proposedPin, isChangeNeeded, minLength, maxLength }) {
      if (newPin !== undefined) await host.stdout.write(`The PIN of your token is now: ${newPin}\n`);
      if (isChangeNeeded) await host.stdout.write("The PIN of your token must be changed before the next login.\n");
      if (proposedPin !== undefined) await host.stdout.write(`A new PIN that you may take: ${proposedPin}\n`);
      if (minLength !== undefined) await host.stdout.write(`A PIN has at least ${minLength} characters.\n`);
      if (maxLength !== undefined) await host.stdout.write(`A PIN has at most ${maxLength} characters.\n`);
    },
    passphrase: ({ text }) => secret(text),
    ...(host.readLine === undefined ? {} : { token: (question) => chooseToken(host, question) }),
  };
}

async function chooseToken(host: CommandHost, { text, tokens }: TokenQuestion): Promise<number> {
  const lines = tokens.map(({ vendor = "" }, index) => `\t${index + 1}. Vendor: ${vendor}\n`);
  await host.stdout.write(`${text}\n${lines.join("")}`);
  for (;;) {
    const octets = await host.readLine?.("Enter #: ");
    if (octets === undefined) throw new CommandFailure("Cannot read the number of a token");
    const number = Number(new TextDecoder().decode(octets).trim());
    if (Number.isInteger(number) && number >= 1 && number <= tokens.length) return number - 1;
  }
}
