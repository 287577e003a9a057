import { isRefusedProof, keepRejection, type RefusedProof, repeatRejection } from "../../credentials/index.ts";
import type { Secret } from "../credentials/secret.ts";

/** The last secret that a KDC rejected, at rest, so that retries lock no account (rule P11). */
export class RejectedSecret {
  readonly #restMs: number;
  readonly #now: () => number;
  #last: { readonly secret: Secret; readonly error: RefusedProof; readonly untilMs: number } | undefined;

  constructor(restMs: number, now: () => number) {
    this.#restMs = restMs;
    this.#now = now;
  }

  /** Throws the error of the rejection while that secret rests. */
  refuse(secret: Secret): void {
    const last = this.#last;
    if (last === undefined || last.untilMs <= this.#now() || !secret.isSame(last.secret)) return;
    throw repeatRejection(keepRejection(last.error), new Date(last.untilMs), last.error);
  }

  /** Takes note of a login that failed. An account that is locked may be unlocked at any time: only a secret rests. */
  note(secret: Secret, error: unknown): void {
    if (isRefusedProof(error)) this.#last = { secret, error, untilMs: this.#now() + this.#restMs };
  }

  forget(): void {
    this.#last = undefined;
  }
}
