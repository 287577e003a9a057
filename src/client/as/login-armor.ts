import type { EncTypeSet } from "../../crypto/index.ts";
import type { AuthenticatorClock } from "../../krb5/index.ts";
import type { Envelope, TgsEnvelopeParts } from "../../preauth/index.ts";
import type { Login } from "./login.ts";
import type { LoginParts } from "./logins.ts";

/** What armors the exchanges of one program (RFC 6113 section 5.4.1). The code of FAST stands behind it. */
export interface LoginArmor {
  /** Runs a login inside armor. */
  login(parts: LoginParts, clock: AuthenticatorClock): Promise<Login>;
  /** Goes around a TGS-REQ. */
  wrap(parts: TgsEnvelopeParts, encTypes: EncTypeSet): Envelope;
}
