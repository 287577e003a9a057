import type { CryptoProvider } from "../../crypto/index.ts";
import type { GivenProof } from "./as-options.ts";
import { EarlierLogins } from "./earlier-logins.ts";
import { LoginStrength } from "./login-strength.ts";

/** For whom a secret rests after a login that failed: for nobody, for this process, or for all who share a store. */
export type RestScope = "nobody" | "process" | "everyone";

/** What the logins of one client remember of each other. */
export class LoginMemory {
  readonly earlier: EarlierLogins;
  readonly strength: LoginStrength = new LoginStrength();
  // A weak map finds nothing under what is not an object.
  readonly #scopes = new WeakMap<object, RestScope>();
  readonly #given = new WeakMap<object, GivenProof>();

  constructor(provider: CryptoProvider) {
    this.earlier = new EarlierLogins(provider);
  }

  /** Takes note of what the error of a login means for its secret, and gives it back. */
  mark<T>(error: T, scope: RestScope): T {
    if (typeof error === "object" && error !== null) this.#scopes.set(error, scope);
    return error;
  }

  /** Takes note of what a login had given away of its secret when it failed. */
  noteGiven(error: unknown, given: GivenProof | undefined): void {
    if (typeof error === "object" && error !== null && given !== undefined) this.#given.set(error, given);
  }

  /** What the login that failed so had given away; undefined: nothing. */
  givenBy(error: unknown): GivenProof | undefined {
    return this.#given.get(error as object);
  }

  /** An error that no login marked is not the fault of the secret. */
  restOf(error: unknown): RestScope {
    return this.#scopes.get(error as object) ?? "nobody";
  }
}
