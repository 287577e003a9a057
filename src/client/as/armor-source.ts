import { CredentialError, hasCode, kdcErrorOf } from "../../errors.ts";
import { KRB_ERROR } from "../../iana/index.ts";
import { mayProveKey, type ServiceTicket, tgsPrincipal } from "../../krb5/index.ts";
import { asEnvelope, createArmor, type Envelope, tgsEnvelope } from "../../preauth/index.ts";
import type { KerberosClient } from "../kerberos-client.ts";
import { explicitArmor } from "./computer-armor.ts";
import type { Login } from "./login.ts";
import type { LoginArmor } from "./login-armor.ts";
import { runLogin } from "./logins.ts";

/** What a KDC says of an armor's ticket that it does not take. */
const OF_THE_ARMOR: ReadonlySet<number> = new Set([
  KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED,
  KRB_ERROR.KRB_AP_ERR_TKT_NYV,
  KRB_ERROR.KRB_AP_ERR_SKEW,
]);

/** FAST with the tickets of a client (RFC 6113 section 5.4.1.1), which gets them for each realm, and keeps them. */
export function armorOf(
  tickets: Pick<KerberosClient, "getTicket" | "forget">,
  policy: "required" | "if-offered",
): LoginArmor {
  return {
    async login(parts, clock) {
      const { options, signal } = parts;
      const { encTypes, trace, client } = options;
      let ticket: ServiceTicket | undefined;
      let mayHaveProven = false;
      const rearm = async (realm: string): Promise<Envelope> => {
        // The KDC has to open it: a ticket-granting ticket of the realm that is asked (FreeIPA #5213).
        ticket = await tickets
          .getTicket(tgsPrincipal(realm), { trace, ...(signal === undefined ? {} : { signal }) })
          .catch((error: unknown) => {
            throw hasCode(error, "REFERRAL") || hasCode(error, "NO_KDC_FOR_REALM") ? elsewhere(realm, error) : error;
          });
        trace({ type: "note", text: `FAST: armor of the ticket for ${realm}` });
        const envelope = asEnvelope(createArmor({ ticket, encTypes, clock }), encTypes);
        return {
          ...envelope,
          request(body, padata) {
            mayHaveProven ||= mayProveKey(padata);
            return envelope.request(body, padata);
          },
        };
      };
      if (policy === "if-offered") return await runLogin({ ...parts, options: { ...options, rearm } });
      const run = async (): Promise<Login> =>
        await runLogin({ ...parts, options: { ...options, rearm, envelope: await rearm(client.realm) } });
      try {
        return await run();
      } catch (error) {
        const code = hasCode(error, "FAST_STRIPPED") ? kdcErrorOf(error)?.errorCode : undefined;
        // Rule P11: after a proof the same error, which nobody vouches for, would bring a second one.
        if (code === undefined || !OF_THE_ARMOR.has(code) || mayHaveProven) throw error;
        // A new ticket costs no secret of this login, and one is enough.
        trace({
          type: "note",
          text: `FAST: the KDC refuses the armor's ticket (error ${code}): a new one is got, once`,
        });
        if (ticket !== undefined) await tickets.forget(ticket);
        return await run();
      }
    },
    wrap: tgsEnvelope,
    explicit: explicitArmor,
  };
}

/** Armor whose own realm gives no ticket for the one that is asked. */
function elsewhere(realm: string, cause: Error): CredentialError {
  const words = `the armor is of another realm, and gets no ticket-granting ticket for ${realm}`;
  return new CredentialError("NO_CREDENTIAL", `${words} (${cause.message}): give an armor of ${realm}`, { cause });
}
