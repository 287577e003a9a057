import type { Prompts } from "../preauth/index.ts";

const NAMES = ["password", "newPassword", "otp", "token", "pin", "pinNotice", "passphrase"] as const;

/** Tells, while a ticket is fetched, that a person is being asked for something: that may take minutes. */
export class Asking {
  readonly #listeners = new Set<() => void>();

  /** The same prompts, heard. */
  hear(prompts: Prompts | undefined): Prompts | undefined {
    if (prompts === undefined) return undefined;
    const heard = NAMES.filter((name) => prompts[name] !== undefined).map((name) => {
      const ask = prompts[name] as (question: unknown) => Promise<never>;
      const asked = (question: unknown): Promise<never> => {
        for (const listener of this.#listeners) listener();
        return ask.call(prompts, question);
      };
      return [name, asked] as const;
    });
    return Object.fromEntries(heard) as Prompts;
  }

  /** Calls a function when somebody is asked; gives what ends that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
