import type { CryptoProvider } from "../../crypto/index.ts";
import { EarlierLogins } from "./earlier-logins.ts";
import { LoginStrength } from "./login-strength.ts";

/** For whom a secret rests after a login that failed: for nobody, for this process, or for all who share a store. */
export type RestScope = "nobody" | "process" | "everyone";

/** What the logins of one client remember of each other. */
export class LoginMemory {
  readonly earlier: EarlierLogins;
  readonly strength: LoginStrength = new LoginStrength();
  readonly #scopes = new WeakMap<object, RestScope>();

  constructor(provider: CryptoProvider) {
    this.earlier = new EarlierLogins(provider);
  }

  /** Takes note of what the error of a login means for its secret, and gives it back. */
  mark<T>(error: T, scope: RestScope): T {
    if (typeof error === "object" && error !== null) this.#scopes.set(error, scope);
    return error;
  }

  /** An error that no login marked is not the fault of the secret. */
  restOf(error: unknown): RestScope {
    return typeof error === "object" && error !== null ? (this.#scopes.get(error) ?? "nobody") : "nobody";
  }
}
