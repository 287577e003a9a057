import { isKerberosError } from "../../errors.ts";
import { enctypeName, PADATA, padataName } from "../../iana/index.ts";
import { decodeEtypeInfo2, decodeMethodData, type KrbError, type PaData, type Principal } from "../../krb5/index.ts";
import { AES_ADVICE } from "./directory.ts";
import { type Inside, lookInside } from "./inside-fast.ts";
import type { World } from "./world.ts";

/** What is to know before a login: whether one can succeed, and the armor that it needs. */
export interface Offer {
  readonly canLogIn: boolean;
  readonly armor?: Inside["armor"] | undefined;
}

/** Ways to log in, in the order of their strength. */
const WAYS: readonly (readonly [type: number, name: string])[] = [
  [PADATA.pkAsReq, "PKINIT"],
  [PADATA.pkinitKx, "anonymous PKINIT"],
  [PADATA.spake, "SPAKE"],
  [PADATA.fxFast, "FAST"],
  [PADATA.encryptedChallenge, "encrypted challenge"],
  [PADATA.otpChallenge, "one-time passwords"],
  [PADATA.encTimestamp, "encrypted timestamp"],
];

/** Reads the list of a KDC that wants pre-authentication. */
export async function checkPreauth(world: World, client: Principal, { eData }: KrbError): Promise<Offer> {
  const { report, wishes } = world;
  let methods: readonly PaData[];
  try {
    methods = eData === undefined ? [] : decodeMethodData(eData);
  } catch (error) {
    if (!isKerberosError(error)) throw error;
    await report.fail("pre-authentication", `the KDC's list does not decode: ${error.message}`, "is it a KDC?");
    return { canLogIn: false };
  }
  const types = methods.map(({ padataType }) => padataType);
  const ours = wishes.mechanisms.filter(({ type, place }) => place !== "inside FAST" && types.includes(type));
  const hasFast = types.includes(PADATA.fxFast);
  if (ours.length === 0 && !types.includes(PADATA.etypeInfo2)) {
    // How MIT's KDC says that it has no key that would do.
    const permitted = wishes.etypes.map(enctypeName).join(", ");
    await report.fail(
      "enctypes",
      `the principal has no key of an enctype that is permitted here (${permitted})`,
      `change its password on a KDC that makes AES keys, or permit the enctype in krb5.conf; ${AES_ADVICE}`,
    );
    return { canLogIn: false };
  }
  await report.ok("offers", offerWords(types));
  const inside = hasFast ? await lookInside(world, client, types) : undefined;
  if (inside?.mechanisms !== undefined) {
    // FAST itself, and an anonymous ticket, are not what a client of a name is after there.
    const insideTypes = WAYS.filter(
      ([type]) => type !== PADATA.fxFast && type !== PADATA.pkinitKx && inside.mechanisms?.includes(padataName(type)),
    );
    await report.ok("inside FAST", `${insideTypes.map(([, name]) => name).join(", ") || "no way to log in"}`);
  }
  const offered = types.map(padataName).join(", ") || "nothing";
  const canInside = wishes.mechanisms.filter(
    ({ name, place }) => place !== "outside FAST" && inside?.mechanisms?.includes(name),
  );
  if (ours.length > 0) {
    await report.ok("pre-authentication", `${ours.map(({ name }) => name).join(", ")} (the KDC offers ${offered})`);
  } else if (canInside.length > 0) {
    const names = canInside.map(({ name }) => name).join(", ");
    await report.ok("pre-authentication", `${names}, inside FAST alone: log in with kinit -T, or the option armor`);
  } else {
    await report.fail("pre-authentication", ...missing(world, types, offered));
    return { canLogIn: false };
  }
  const canLogIn = await checkKeys(world, methods);
  return { canLogIn, ...(world.args.has("a") || ours.length === 0 ? { armor: inside?.armor } : {}) };
}

/** What of the ways to log in a list has, and what it has not. */
function offerWords(types: readonly number[]): string {
  const named = (isThere: boolean): string =>
    WAYS.filter(([type]) => types.includes(type) === isThere && !(isThere === false && INSIDE.has(type)))
      .map(([, name]) => name)
      .join(", ") || "nothing";
  return `${named(true)}; not offered: ${named(false)}`;
}

/** What a KDC offers inside FAST alone: that it is not in a list outside says nothing. */
const INSIDE: ReadonlySet<number> = new Set([PADATA.encryptedChallenge, PADATA.otpChallenge]);

function missing({ wishes, args }: World, types: readonly number[], offered: string): [string, string] {
  const has = wishes.mechanisms.map(({ name }) => name).join(", ") || "none that krb5.conf allows";
  const ways = [
    ...(types.includes(PADATA.fxFast) && !args.has("a")
      ? ["look inside FAST: give -a with a cache that has a ticket of the realm (kinit -n makes one)"]
      : []),
    ...(types.includes(PADATA.pkAsReq) ? ["log in with a certificate: -X X509_user_identity=..."] : []),
  ];
  return [
    `the KDC offers ${offered}; this client has ${has}`,
    ways.length === 0 ? "allow one of these on the KDC" : ways.join(", or "),
  ];
}

async function checkKeys({ report, wishes }: World, methods: readonly PaData[]): Promise<boolean> {
  const info = methods.find(({ padataType }) => padataType === PADATA.etypeInfo2);
  const entries = info === undefined ? [] : decodeEtypeInfo2(info.padataValue);
  if (entries.length === 0) return true;
  const usable = entries.filter(({ etype }) => wishes.etypes.includes(etype));
  const names = entries.map(({ etype }) => enctypeName(etype)).join(", ");
  if (usable.length > 0) {
    await report.ok("enctypes", names);
    return true;
  }
  await report.fail(
    "enctypes",
    `the KDC has keys of ${names} only`,
    `change the password on a KDC that makes AES keys, or permit the enctype in krb5.conf; ${AES_ADVICE}`,
  );
  return false;
}
