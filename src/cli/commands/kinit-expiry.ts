import { equal } from "../../bytes/index.ts";
import { type CredentialSource, type Kerberos, type Login, password } from "../../client/index.ts";
import { hasCode, type PasswordChangeError } from "../../errors.ts";
import type { Principal } from "../../krb5/index.ts";
import type { CommandHost } from "../command.ts";
import { CommandFailure } from "../failure.ts";
import type { AskedPassword } from "../kerberos.ts";
import { longTimeText, printable } from "../text.ts";

/** The service that changes passwords (RFC 3244). */
export const CHANGE_SERVICE = "kadmin/changepw";

/**
 * An expired password is changed at once, like in MIT's kinit: the old one proves who asks, the new one is asked for
 * twice.
 */
export async function changeExpiredPassword(
  host: CommandHost,
  kerberos: Kerberos,
  client: Principal,
  old: AskedPassword,
): Promise<CredentialSource> {
  const { ticket } = await kerberos.login(old.source, { service: CHANGE_SERVICE, lifetimeSeconds: 300 });
  await host.stdout.write("Password expired.  You must change it now.\n");
  const doing = "while getting initial credentials";
  for (let tries = 1; ; tries++) {
    let rejected: PasswordChangeError | undefined;
    const fresh = await askTwice(host, doing);
    if (fresh !== undefined) {
      try {
        await kerberos.changePassword(ticket, fresh);
        return password(client, fresh);
      } catch (error) {
        if (!hasCode(error, "PASSWORD_REJECTED")) throw error;
        rejected = error;
      }
    }
    if (tries === MAX_TRIES) {
      throw new CommandFailure(`Password change failed ${doing}`, { advice: rejected?.message, cause: rejected });
    }
    const why =
      rejected === undefined
        ? "Password mismatch.  Please try again.\n"
        : `${refusalWords(rejected)}.  Please try again.\n\n`;
    await host.stdout.write(printable(why));
  }
}

const MAX_TRIES = 3;
const RESULTS = [
  "Success",
  "Malformed request error",
  "Server error",
  "Authentication error",
  "Password change rejected",
  "Access denied",
  "Wrong protocol version",
  "Initial password required",
];

/** A password server's refusal: what kind it is (RFC 3244 section 2), and the server's own words. */
export function refusalWords({ resultCode, serverMessage, policy, message }: PasswordChangeError): string {
  const kind = RESULTS[resultCode] ?? "Password change failed";
  // A policy's octets are decoded in our message, which replaces the server's words.
  const words = policy === undefined ? serverMessage : message;
  return words === "" ? kind : `${kind}: ${words}`;
}

/** Asks twice. Throws CommandFailure if the two are not the same. */
export async function askNewPassword(host: CommandHost, doing: string): Promise<Uint8Array> {
  const fresh = await askTwice(host, doing);
  if (fresh === undefined) throw new CommandFailure(`Password mismatch ${doing}`);
  return fresh;
}

/** Undefined if the two are not the same. */
async function askTwice(host: CommandHost, doing: string): Promise<Uint8Array | undefined> {
  const first = await host.readSecret("Enter new password: ");
  if (first === undefined) throw new CommandFailure(`Cannot read password ${doing}`);
  const second = await host.readSecret("Enter it again: ");
  if (second === undefined) throw new CommandFailure(`Cannot read password ${doing}`);
  return equal(first, second) ? first : undefined;
}

const HOUR_MS = 3_600_000;
const WARNING_DAYS = 7;

/**
 * Says when the password ends, like MIT's libkrb5: whenever the KDC says just that, and within a week if it only
 * says that something ends; on the KDC's clock.
 */
export async function warnOfExpiry(host: CommandHost, login: Login): Promise<void> {
  const { ticket, passwordExpires, keyExpires } = login;
  const expires = passwordExpires ?? keyExpires;
  // Who has logged in to change it is not warned.
  if (expires === undefined || ticket.service.components.join("/") === CHANGE_SERVICE) return;
  const leftMs = expires.getTime() - (host.now() + ticket.clockOffsetMs);
  if (passwordExpires === undefined && (leftMs < 0 || leftMs > WARNING_DAYS * 24 * HOUR_MS)) return;
  const hours = Math.floor(leftMs / HOUR_MS);
  const days = Math.floor(hours / 24);
  const span = hours < 1 ? "less than one hour" : days < 2 ? `${hours} hour${hours === 1 ? "" : "s"}` : `${days} days`;
  await host.stdout.write(`Warning: Your password will expire in ${span} on ${longTimeText(expires)}\n`);
}
