import { CredentialError, type ErrorOfCode, hasCode, KdcError, PreauthError } from "../errors.ts";

/** The error of a secret, or of an account, that a KDC rejected. */
export type Rejection = ErrorOfCode<
  "WRONG_PASSWORD" | "KEYTAB" | "CLIENT_UNKNOWN" | "CLIENT_LOCKED" | "CLIENT_EXPIRED" | "PASSWORD_EXPIRED"
>;

/** The error of a secret whose proof a KDC refused. */
export type RefusedProof = ErrorOfCode<"WRONG_PASSWORD" | "KEYTAB">;

/** Whether a KDC refused the proof of a secret: the same proof would count as another failed login. */
export function isRefusedProof(error: unknown): error is RefusedProof {
  // A keytab that cannot be read has this code too, and no KDC has seen it.
  return hasCode(error, "WRONG_PASSWORD") || (hasCode(error, "KEYTAB") && error.reason === "rejected");
}

/**
 * Whether an error means that the same secret would be rejected again, by any process that tries it: it has to rest.
 */
export function isRejection(error: unknown): error is Rejection {
  // The KDC refuses the client whatever it proves, until an administrator or the user does something.
  const isClientRefused = hasCode(error, "CLIENT_UNKNOWN", "CLIENT_LOCKED", "CLIENT_EXPIRED", "PASSWORD_EXPIRED");
  return isClientRefused || isRefusedProof(error);
}

/** What is kept of a rejection while the secret rests: JSON. */
export interface KeptRejection {
  readonly code: Rejection["code"];
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What to keep of a rejection. */
export function keepRejection(error: Rejection): KeptRejection {
  const { code, name: _name, commandState: _state, retryAfter: _after, ...fields } = error;
  return { code, message: error.message, fields };
}

/** The same error again, of the same class and with the same fields, for a secret that was not tried: it rests. */
export function repeatRejection(
  { code, message, fields }: KeptRejection,
  retryAfter: Date,
  cause?: unknown,
): Rejection {
  const words = `${message} (the same secret is not tried again before ${retryAfter.toISOString()}, so that the account is not locked)`;
  const all = { ...fields, retryAfter, cause };
  switch (code) {
    case "WRONG_PASSWORD":
      return new PreauthError(code, words, all) as Rejection;
    case "KEYTAB":
      return new CredentialError(code, words, all) as Rejection;
    default: {
      const { serverTime } = fields as { readonly serverTime?: string | Date };
      const time = serverTime === undefined ? {} : { serverTime: new Date(serverTime) };
      return new KdcError(code, words, {
        ...(all as unknown as ConstructorParameters<typeof KdcError>[2]),
        ...time,
      }) as Rejection;
    }
  }
}
