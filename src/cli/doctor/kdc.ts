import { isKerberosError } from "../../errors.ts";
import { enctypeName, KRB_ERROR, PADATA, padataName } from "../../iana/index.ts";
import {
  decodeEtypeInfo2,
  decodeMethodData,
  formatPrincipal,
  type KrbError,
  type Principal,
} from "../../krb5/index.ts";
import { messageOf } from "../program.ts";
import { type Answer, askKdcs } from "./kdc-ports.ts";
import { KRB5_CONF, type World } from "./world.ts";

/**
 * Looks for the KDCs of a principal's realm, asks each at each of its ports, and reads from the answers what there is
 * to know without a secret. False if nothing answered, or what it said ends the matter.
 */
export async function checkKdcs(world: World, client: Principal): Promise<boolean> {
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
    return false;
  }
  if (endpoints.length === 0) {
    await report.fail(
      "realm",
      `no KDC of realm ${realm} is known`,
      `is the realm's name right, capitals included? Else add it to [realms] of krb5.conf, or _kerberos._udp.${realm.toLowerCase()} to DNS`,
    );
    return false;
  }
  await report.ok("realm", `${realm} has ${endpoints.join(", ")}`);
  const answers = await askKdcs(world, client, endpoints);
  const [first] = answers;
  if (first === undefined) return false;
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

/** What an answer says of the principal. False if it cannot log in. */
async function readAnswer({ report, wishes }: World, client: Principal, answer: Answer): Promise<boolean> {
  const name = formatPrincipal(client);
  const { error } = answer;
  if (error === undefined) {
    await report.warn(
      "pre-authentication",
      `${name} gets a ticket without any proof`,
      "anyone can guess the password offline: set requires_preauth",
    );
    return true;
  }
  switch (error.errorCode) {
    case KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED:
      await report.ok("principal", `the KDC knows ${name}`);
      return await checkPreauth(report, wishes, error);
    case KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN:
      await report.fail(
        "principal",
        `the KDC of ${client.realm} does not know ${name}`,
        "check its spelling, capitals and realm",
      );
      return false;
    case KRB_ERROR.KDC_ERR_WRONG_REALM:
      await report.fail(
        "principal",
        `the KDC of ${client.realm} says that ${name} is in realm ${error.crealm ?? "?"}`,
        `use ${client.components.join("/")}@${error.crealm ?? "REALM"}, or kinit -C`,
      );
      return false;
    case KRB_ERROR.KDC_ERR_CLIENT_REVOKED:
      await report.fail(
        "principal",
        `${name} is locked or disabled`,
        "ask the realm's administrator: kadmin getprinc shows which",
      );
      return false;
    case KRB_ERROR.KDC_ERR_NAME_EXP:
      await report.fail("principal", `${name} has expired`, "ask the realm's administrator");
      return false;
    case KRB_ERROR.KDC_ERR_KEY_EXPIRED:
      await report.fail("principal", `the password of ${name} has expired`, "change it with kpasswd");
      return false;
    case KRB_ERROR.KDC_ERR_ETYPE_NOSUPP:
      await report.fail(
        "enctypes",
        `the KDC has no enctype in common with this client (${wishes.etypes.map(enctypeName).join(", ")})`,
        "give the principal AES keys: change its password on a KDC that makes them",
      );
      return false;
    case KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN:
      await report.fail(
        "realm",
        `the KDC at ${answer.endpoint} serves another realm than ${client.realm}`,
        `check the realm, and the KDC in ${KRB5_CONF}`,
      );
      return false;
    default:
      await report.fail(
        "principal",
        `the KDC answers with error ${error.errorCode} (${error.eText ?? "no text"})`,
        "look at the KDC's log",
      );
      return false;
  }
}

async function checkPreauth(
  report: World["report"],
  { etypes, mechanisms }: World["wishes"],
  { eData }: KrbError,
): Promise<boolean> {
  let methods: ReturnType<typeof decodeMethodData>;
  try {
    methods = eData === undefined ? [] : decodeMethodData(eData);
  } catch (error) {
    if (!isKerberosError(error)) throw error;
    await report.fail("pre-authentication", `the KDC's list does not decode: ${error.message}`, "is it a KDC?");
    return false;
  }
  const types = methods.map(({ padataType }) => padataType);
  const offered = types.map(padataName).join(", ") || "nothing";
  const ours = mechanisms.filter(({ type }) => types.includes(type));
  if (ours.length === 0 && !types.includes(PADATA.etypeInfo2)) {
    // How MIT's KDC says that it has no key that would do.
    const permitted = etypes.map(enctypeName).join(", ");
    await report.fail(
      "enctypes",
      `the principal has no key of an enctype that is permitted here (${permitted})`,
      "change its password on a KDC that makes AES keys, or permit the enctype in krb5.conf",
    );
    return false;
  }
  if (ours.length === 0) {
    const has = mechanisms.map(({ name }) => name).join(", ") || "none that krb5.conf allows";
    await report.fail(
      "pre-authentication",
      `the KDC offers ${offered}; this client has ${has}`,
      "allow one of these on the KDC",
    );
    return false;
  }
  await report.ok("pre-authentication", `${ours.map(({ name }) => name).join(", ")} (the KDC offers ${offered})`);
  const info = methods.find(({ padataType }) => padataType === PADATA.etypeInfo2);
  const entries = info === undefined ? [] : decodeEtypeInfo2(info.padataValue);
  if (entries.length === 0) return true;
  const usable = entries.filter(({ etype }) => etypes.includes(etype));
  const names = entries.map(({ etype }) => enctypeName(etype)).join(", ");
  if (usable.length > 0) {
    await report.ok("enctypes", names);
    return true;
  }
  await report.fail(
    "enctypes",
    `the KDC has keys of ${names} only`,
    "change the password on a KDC that makes AES keys, or permit the enctype in krb5.conf",
  );
  return false;
}
