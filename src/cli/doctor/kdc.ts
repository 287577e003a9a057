import { enctypeName, KRB_ERROR } from "../../iana/index.ts";
import { formatPrincipal, type Principal } from "../../krb5/index.ts";
import { messageOf } from "../program.ts";
import { AES_ADVICE } from "./directory.ts";
import { type Answer, askKdcs } from "./kdc-ports.ts";
import { checkPreauth, type Offer } from "./preauth.ts";
import { KRB5_CONF, type World } from "./world.ts";

/**
 * Looks for the KDCs of a principal's realm, asks each at each of its ports, and reads from the answers what there is
 * to know without a secret. It cannot log in if nothing answered, or what it said ends the matter.
 */
export async function checkKdcs(world: World, client: Principal): Promise<Offer> {
  const { report, locator } = world;
  const { realm } = client;
  await report.progress("KDCs");
  let endpoints: readonly string[];
  try {
    endpoints = await locator.kdcs(realm, { signal: AbortSignal.timeout(world.timeoutMs * 2) });
  } catch (error) {
    await report.fail(
      "KDCs",
      `finding the KDCs of ${realm} failed: ${messageOf(error)}`,
      "look at DNS and at krb5.conf",
    );
    return { canLogIn: false };
  }
  if (endpoints.length === 0) {
    await report.fail(
      "realm",
      `no KDC of realm ${realm} is known`,
      `is the realm's name right, capitals included? Else add it to [realms] of krb5.conf, or _kerberos._udp.${realm.toLowerCase()} to DNS`,
    );
    return { canLogIn: false };
  }
  await report.ok("realm", `${realm} has ${endpoints.join(", ")}`);
  const answers = await askKdcs(world, client, endpoints);
  const [first] = answers;
  if (first === undefined) return { canLogIn: false };
  await checkClock(world, answers);
  return await readAnswer(world, client, first);
}

async function checkClock({ report, host, local }: World, answers: readonly Answer[]): Promise<void> {
  const skewSeconds = local.config.libdefaults.clockskewSeconds;
  const offsets = answers.flatMap(({ endpoint, error }) =>
    error === undefined ? [] : [{ endpoint, seconds: Math.round((error.stime.getTime() - host.now()) / 1000) }],
  );
  const worst = offsets.sort((a, b) => Math.abs(b.seconds) - Math.abs(a.seconds))[0];
  if (worst === undefined) return;
  const { endpoint, seconds } = worst;
  const words = `this clock is ${Math.abs(seconds)} s ${seconds > 0 ? "behind" : "ahead of"} that of ${endpoint}`;
  const advice = "set the clock (NTP) of whichever machine is wrong";
  if (Math.abs(seconds) > skewSeconds) {
    await report.fail("clock", `${words}; ${skewSeconds} s are allowed`, advice);
  } else if (Math.abs(seconds) > skewSeconds / 2) {
    await report.warn("clock", `${words}; ${skewSeconds} s are allowed`, advice);
  } else {
    await report.ok("clock", `${Math.abs(seconds)} s from the KDC's`);
  }
}

/** What an answer says of the principal. */
async function readAnswer(world: World, client: Principal, answer: Answer): Promise<Offer> {
  const { report, wishes } = world;
  const name = formatPrincipal(client);
  const { error } = answer;
  if (error === undefined) {
    await report.warn(
      "pre-authentication",
      `${name} gets a ticket without any proof`,
      "anyone can guess the password offline: set requires_preauth",
    );
    return { canLogIn: true };
  }
  switch (error.errorCode) {
    case KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED:
      await report.ok("principal", `the KDC knows ${name}`);
      return await checkPreauth(world, client, error);
    case KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN:
      await report.fail(
        "principal",
        `the KDC of ${client.realm} does not know ${name}`,
        "check its spelling, capitals and realm",
      );
      return { canLogIn: false };
    case KRB_ERROR.KDC_ERR_WRONG_REALM:
      await report.fail(
        "principal",
        `the KDC of ${client.realm} says that ${name} is in realm ${error.crealm ?? "?"}`,
        `use ${client.components.join("/")}@${error.crealm ?? "REALM"}, or kinit -C`,
      );
      return { canLogIn: false };
    case KRB_ERROR.KDC_ERR_CLIENT_REVOKED:
      await report.fail(
        "principal",
        `${name} is locked or disabled`,
        "ask the realm's administrator: kadmin getprinc shows which",
      );
      return { canLogIn: false };
    case KRB_ERROR.KDC_ERR_NAME_EXP:
      await report.fail("principal", `${name} has expired`, "ask the realm's administrator");
      return { canLogIn: false };
    case KRB_ERROR.KDC_ERR_KEY_EXPIRED:
      await report.fail("principal", `the password of ${name} has expired`, "change it with kpasswd");
      return { canLogIn: false };
    case KRB_ERROR.KDC_ERR_ETYPE_NOSUPP:
      await report.fail(
        "enctypes",
        `the KDC has no enctype in common with this client (${wishes.etypes.map(enctypeName).join(", ")})`,
        `give the principal AES keys: change its password on a KDC that makes them; ${AES_ADVICE}`,
      );
      return { canLogIn: false };
    case KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN:
      await report.fail(
        "realm",
        `the KDC at ${answer.endpoint} serves another realm than ${client.realm}`,
        `check the realm, and the KDC in ${KRB5_CONF}`,
      );
      return { canLogIn: false };
    default:
      await report.fail(
        "principal",
        `the KDC answers with error ${error.errorCode} (${error.eText ?? "no text"})`,
        "look at the KDC's log",
      );
      return { canLogIn: false };
  }
}
