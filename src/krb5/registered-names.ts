import { krbErrorName, padataName } from "../iana/index.ts";
import { krbErrorSentence } from "./kdc-sentences.ts";

/** How errors and traces name what protocols number; a bundle without it has the numbers. */
export interface RegisteredNames {
  /** The name of a KRB-ERROR code (RFC 4120 section 7.5.9). */
  readonly krbError: (code: number) => string;
  /** The name of a PA-DATA type (RFC 4120 section 7.5.2). */
  readonly padata: (type: number) => string;
  /**
   * What an error says of a KRB-ERROR, with `{client}`, `{service}` and `{realm}` for who is meant; undefined: that the
   * request was refused. Default: that.
   */
  readonly sentence?:
    | ((
        from: "kdc" | "service",
        errorCode: number,
        ntStatus: number | undefined,
        isService: boolean,
      ) => string | undefined)
    | undefined;
}

/**
 * Makes the names that are registered for KRB-ERROR codes and PA-DATA types, and the sentences that say what a code
 * means and what to do, for the option `names`: without it, errors and traces have the numbers.
 *
 * @returns a value for `names`
 * @example
 * ```ts
 * import { createClient, registeredNames } from "krb5-remctl/lean";
 *
 * const client = createClient({
 *   credentials: { principal: "robot@EXAMPLE.ORG", keytab: async () => octets },
 *   kdc: ["tcp://kdc.example.org:88"],
 *   names: registeredNames(),
 * });
 * ```
 */
export function registeredNames(): RegisteredNames {
  return { krbError: krbErrorName, padata: padataName, sentence: krbErrorSentence };
}

/** Numbers in place of names, written as the registered names write what has none. */
export const numbersAsNames: RegisteredNames = {
  krbError: (code) => `KRB_ERR_${code}`,
  padata: (type) => `padata ${type}`,
};
