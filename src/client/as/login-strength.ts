import { formatPrincipal, type Principal } from "../../krb5/index.ts";
import type { HiddenTypes } from "../../preauth/index.ts";
import type { Secret } from "../credentials/secret.ts";

const DAY_MS = 86_400_000;
const MAX_REMEMBERED = 64;

/**
 * What logins hid (rule P17): a KDC that took SPAKE, or FAST, of a principal and a kind of secret a moment ago is not
 * sent what anybody who listens can guess a password by. It lapses after a day: in some realms not every KDC has SPAKE.
 */
export class LoginStrength {
  readonly #known = new Map<string, HiddenTypes>();

  find(client: Principal, { kind }: Secret, nowMs: number): HiddenTypes | undefined {
    const known = this.#known.get(keyOf(client, kind));
    return known !== undefined && known.untilMs > nowMs ? known : undefined;
  }

  /** Takes note of a login whose reply was authenticated, and of the types that it made needless. */
  note(client: Principal, { kind }: Secret, types: readonly number[], nowMs: number): void {
    if (types.length === 0) return;
    const key = keyOf(client, kind);
    this.#known.delete(key);
    this.#known.set(key, { types, untilMs: nowMs + DAY_MS });
    if (this.#known.size > MAX_REMEMBERED) this.#known.delete(this.#known.keys().next().value as string);
  }
}

function keyOf(client: Principal, kind: string): string {
  return [kind, formatPrincipal(client)].join(" ");
}
