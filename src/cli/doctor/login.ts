import { type CredentialSource, contentsOfLogin, keytab as keytabCredential } from "../../client/index.ts";
import { findCredential, MemoryCaches, openCache, ticketOfCredential } from "../../credentials/index.ts";
import { isKerberosError } from "../../errors.ts";
import { enctypeName } from "../../iana/index.ts";
import {
  equalPrincipals,
  formatPrincipal,
  type Principal,
  type ServiceTicket,
  tgsPrincipal,
} from "../../krb5/index.ts";
import { askedPassword, kerberosOf } from "../kerberos.ts";
import { cacheOf, keytabName, readCache, readKeytab } from "../local.ts";
import { certificateLogin } from "../pkinit.ts";
import { messageOf } from "../program.ts";
import { timeText } from "../text.ts";
import { checkDirectory } from "./directory.ts";
import type { Offer } from "./preauth.ts";
import type { World } from "./world.ts";

/** What the checks after this one log in with. */
export interface LoggedIn {
  readonly tgt: ServiceTicket;
  readonly credential: CredentialSource;
}

/**
 * Logs in with what was given: a certificate, a keytab, a password; else takes the ticket that is there. The offer is
 * what the KDCs said, if they said something.
 */
export async function checkLogin(
  world: World,
  client: Principal,
  { canLogIn, armor }: Offer,
): Promise<LoggedIn | undefined> {
  const { args, report, host, local } = world;
  const file = args.get("t");
  const isCertificate = args.all("X").some((one) => one.startsWith("X509_user_identity="));
  const source = isCertificate
    ? await certificateSource(world, client)
    : file !== undefined
      ? await keytabSource(world, client, file)
      : args.has("w")
        ? askedPassword(host, client).source
        : undefined;
  if (source === undefined) {
    return file === undefined && !isCertificate ? await ticketThere(world, client) : undefined;
  }
  // A certificate may log in where a password could not.
  if (!canLogIn && !isCertificate) {
    const hasAnswer = report.findings.some(({ check, outcome }) => check === "KDC port" && outcome === "ok");
    await report.skip(
      "login",
      hasAnswer ? "not tried, because of the KDC's answer above" : "not tried: there is no KDC",
    );
    return undefined;
  }
  await report.progress("login");
  try {
    const kerberos = armor === undefined ? world.kerberos : kerberosOf(host, local, { armor });
    const login = await kerberos.login(source, { lifetimeSeconds: 600 });
    // A domain controller says what it can do to those who let it canonicalize names.
    const again = () => kerberos.login(source, { lifetimeSeconds: 600, canonicalize: true }).catch(() => login);
    await report.ok(
      "login",
      `a ticket for ${formatPrincipal(login.ticket.client)}, session key ${login.ticket.sessionKey.encType.name}`,
    );
    await checkDirectory(world, client, login.supportedEnctypes === undefined ? await again() : login);
    const cache = openCache("MEMORY:doctor", {
      randomBytes: world.encTypes.provider.randomBytes,
      memory: new MemoryCaches(),
    });
    await cache.initialize(contentsOfLogin(login));
    return {
      tgt: login.ticket,
      credential: { kind: "ccache", principal: client, open: async () => ({ principal: client, cache }) },
    };
  } catch (error) {
    const [detail, advice] = loginWords(error, file);
    await report.fail("login", detail, advice);
    return undefined;
  }
}

function loginWords(error: unknown, keytab: string | undefined): readonly [detail: string, advice: string] {
  const code = isKerberosError(error) ? error.code : undefined;
  switch (code) {
    case "WRONG_PASSWORD":
      return ["the KDC refuses the password", "it was tried once: type it again, or set a new one"];
    case "KEYTAB":
      return [
        `the KDC refuses the key of ${keytab}: it is old`,
        "the key was changed since the keytab was written: write it anew (kadmin ktadd), or restore the old password",
      ];
    case "PASSWORD_EXPIRED":
    case "PASSWORD_MUST_CHANGE":
      return ["the password has expired", "change it with kpasswd"];
    case "CLOCK_SKEW":
      return ["the clocks differ too much", "set the clock (NTP)"];
    default:
      return [messageOf(error), "the message says what to do; krb5-remctl trace kinit shows every step"];
  }
}

/** The certificate of `-X`. Reports what cannot be read of it. */
async function certificateSource(world: World, client: Principal): Promise<CredentialSource | undefined> {
  const { host, local, args, report } = world;
  try {
    const own = await certificateLogin(host, local, client, args);
    if (own !== undefined) await report.ok("certificate", `${own.identity} is read`);
    return own?.source;
  } catch (error) {
    await report.fail("certificate", messageOf(error), "name its files: -X X509_user_identity=FILE:cert.pem,key.pem");
    return undefined;
  }
}

async function keytabSource(world: World, client: Principal, file: string): Promise<CredentialSource | undefined> {
  const { report, local, encTypes } = world;
  const name = keytabName(local, file);
  try {
    const keytab = await readKeytab(local, name, "");
    const entries = keytab.findAll({ principal: client });
    if (entries.length === 0) {
      const has = keytab.principals.map(formatPrincipal).join(", ") || "nobody";
      await report.fail(
        "keytab",
        `${name} has no key of ${formatPrincipal(client)}; it has keys of ${has}`,
        "name one of these, or another keytab",
      );
      return undefined;
    }
    if (!entries.some(({ keyBlock }) => encTypes.has(keyBlock.etype))) {
      const has = entries.map(({ keyBlock }) => enctypeName(keyBlock.etype)).join(", ");
      await report.fail("keytab", `${name} has keys of ${has} only`, "write it anew with AES keys");
      return undefined;
    }
    await report.ok(
      "keytab",
      `${name}: kvno ${entries[0]?.kvno}, ${entries.map(({ keyBlock }) => enctypeName(keyBlock.etype)).join(", ")}`,
    );
    return keytabCredential(client, keytab);
  } catch (error) {
    await report.fail("keytab", messageOf(error), "name another with -t, or write one with kadmin ktadd");
    return undefined;
  }
}

async function ticketThere(world: World, client: Principal): Promise<LoggedIn | undefined> {
  const { report, local, host, encTypes, args } = world;
  const how = "log in with kinit first, or give -t keytab or -w";
  try {
    const cache = await cacheOf(local, args.get("c"));
    const contents = await readCache(cache);
    if (contents === undefined) {
      await report.skip("login", `the credential cache ${cache.name} is not there: ${how}`);
      return undefined;
    }
    if (!equalPrincipals(contents.principal, client)) {
      await report.skip("login", `${cache.name} is of ${formatPrincipal(contents.principal)}: ${how}`);
      return undefined;
    }
    const found = findCredential(contents, { server: tgsPrincipal(client.realm) });
    if (found === undefined) {
      await report.skip("login", `${cache.name} has no ticket-granting ticket: ${how}`);
      return undefined;
    }
    const { clockOffsetMs = 0 } = contents;
    if (found.endTime.getTime() <= host.now() + clockOffsetMs) {
      await report.fail(
        "ticket",
        `the ticket in ${cache.name} ended ${timeText(found.endTime)}`,
        "log in again with kinit",
      );
      return undefined;
    }
    await report.ok("ticket", `${cache.name}: until ${timeText(found.endTime)}`);
    const tgt = ticketOfCredential(found, encTypes, { clockOffsetMs });
    return { tgt, credential: { kind: "ccache", principal: client, open: async () => ({ principal: client, cache }) } };
  } catch (error) {
    await report.fail("ticket", messageOf(error), "remove it with kdestroy, and log in with kinit");
    return undefined;
  }
}
