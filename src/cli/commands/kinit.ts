import { encodeText } from "../../bytes/index.ts";
import { ccache, contentsOfLogin, type Kerberos, type Login, type LoginOptions } from "../../client/index.ts";
import {
  type CredentialCache,
  credentialOfTicket,
  findCredential,
  type NewCacheContents,
  ticketOfCredential,
} from "../../credentials/index.ts";
import { hasCode, isKerberosError } from "../../errors.ts";
import { PADATA, TICKET_FLAG } from "../../iana/index.ts";
import { type Principal, type ServiceTicket, tgsPrincipal } from "../../krb5/index.ts";
import type { CommandHost } from "../command.ts";
import { CommandFailure, failed, trying } from "../failure.ts";
import { type ParsedArgs, parseArgs } from "../getopt.ts";
import { type AskedPassword, allEncTypes, askedPassword, kerberosOf, keytabKeys } from "../kerberos.ts";
import {
  cacheFailure,
  keytabName,
  type Local,
  needCache,
  openLocal,
  prepareCache,
  principalOf,
  requireKeytabType,
} from "../local.ts";
import { anonymousLogin, type CertificateLogin, certificateLogin, configData } from "../pkinit.ts";
import { messageOf, type Program, runProgram } from "../program.ts";
import { nameOf } from "../text.ts";
import { changeExpiredPassword, warnOfExpiry } from "./kinit-expiry.ts";
import { loginOptions, readKinitArgs } from "./kinit-options.ts";
import { chooseTarget, type Target } from "./kinit-target.ts";

const DOING = "while getting initial credentials";

const program: Program = {
  short: "r:fpFPn54aAVl:s:c:kit:T:RS:vX:CEI:",
  long: {
    noforwardable: "F",
    noproxiable: "P",
    addresses: "a",
    forwardable: "f",
    proxiable: "p",
    noaddresses: "A",
    canonicalize: "C",
    enterprise: "E",
    "request-pac": "request-pac",
    "no-request-pac": "no-request-pac",
  },
  usage: `Usage: kinit [-V] [-l lifetime] [-s start_time] [-r renewable_life] [-f | -F] [-p | -P]
	[-a | -A] [-C] [-E] [-v] [-R] [-k [-i | -t keytab_file]] [-c cachename]
	[-S service_name] [-T armor_ccache] [-I input_ccache] [-X attribute[=value]] [principal]
`,
  help: `Logs in, and stores the ticket-granting ticket in a credential cache.

  -V         verbose
  -l         lifetime, for example 10h, 1d12h, 8:00:00 or seconds (default: ticket_lifetime of krb5.conf, or a day)
  -s         start time, for example 1h or 20261123143000; validate the ticket with -v when it has come
  -r         renewable lifetime (default: renew_lifetime of krb5.conf)
  -f -F      forwardable, or not
  -p -P      proxiable, or not
  -a -A      valid from this machine's addresses only, or from any address
  -C         lets the KDC canonicalize the principal's name
  -E         the principal is an enterprise name, for example alice@corp.example
  -k         logs in with a keytab's key: KRB5_KTNAME, krb5.conf, FILE:/etc/krb5.keytab
  -t         the keytab to use
  -i         the client keytab: KRB5_CLIENT_KTNAME, krb5.conf
  -c         the cache (default: KRB5CCNAME, krb5.conf, FILE:/tmp/krb5cc_UID)
  -S         the service to log in to (default: the ticket-granting service)
  -R         renews the ticket of the cache
  -v         makes a postdated ticket of the cache valid
  -I         logs in with the certificate that the login of this cache had
  --request-pac, --no-request-pac   asks for a ticket with, or without, Active Directory's groups (default: the KDC decides)
  -T         the cache whose ticket armors the login (FAST): nothing is sent without
  -n         an anonymous ticket, of the realm that is named, for example @EXAMPLE.ORG, or the default one
  -X         X509_user_identity=FILE:certificate[,key], PKCS12:file, DIR:folder or ENV:variable: logs in with a certificate
             (default: pkinit_identities of krb5.conf); X509_anchors=FILE:ca.pem: whom a KDC's certificate must be from
             (default: pkinit_anchors); disable_freshness=yes: signs no fresh token, which a KDC may require

A password is read from the terminal without echo, or from standard input.

Example: kinit -k -t robot.keytab robot@EXAMPLE.ORG
`,
  usageStatus: 2,
  unused: { "5": "Kerberos 5 is the only version" },
};

/** `kinit`. */
export function kinit(host: CommandHost): Promise<number> {
  return runProgram(program, host, async (args) => {
    const answered = await readKinitArgs(host, args);
    if (answered !== undefined) return answered;
    const local = await openLocal(host, "while initializing Kerberos 5 library");
    const target = await chooseTarget(host, local, args);
    const named = args.get("c");
    await prepareCache(
      local,
      target.cache,
      named === undefined ? "while getting default ccache" : `resolving ccache ${named}`,
    );
    const armor = args.get("T");
    const pac = args.has("request-pac") || (args.has("no-request-pac") ? false : undefined);
    const kerberos = kerberosOf(host, local, { armor: armor === undefined ? undefined : ccache(armor), pac });
    if (args.has("R") || args.has("v")) await refresh(host, kerberos, target, args);
    else await login(host, local, kerberos, target, args);
    if (target.switchTo !== undefined) {
      const collection = target.switchTo;
      await trying("while switching to new ccache", () => collection.setPrimary(target.cache));
    }
    if (args.has("V")) await host.stderr.write("Authenticated to Kerberos v5\n");
    return 0;
  });
}

/**
 * Does what kinit does for a command line that names its cache by `-c`: obtains a ticket, or with `-R` renews it, and
 * stores it there.
 */
export async function obtainTicket(host: CommandHost, local: Local, words: readonly string[]): Promise<void> {
  const args = parseArgs(words, program);
  const target = await chooseTarget(host, local, args);
  await prepareCache(local, target.cache, `resolving ccache ${target.cache.name}`);
  const kerberos = kerberosOf(host, local);
  if (args.has("R")) await refresh(host, kerberos, target, args);
  else await login(host, local, kerberos, target, args);
}

async function login(
  host: CommandHost,
  local: Local,
  kerberos: Kerberos,
  { client, cache }: Target,
  args: ParsedArgs,
): Promise<void> {
  const options = await loginOptions(host, local, client, args);
  let result: Login;
  const own = isKeytabLogin(args) || args.has("n") ? undefined : await certificateLogin(host, local, client, args);
  if (args.has("n")) {
    const nobody = await anonymousLogin(host, local, client.realm, args);
    result = await gettingTickets(() => kerberos.login(nobody, options), client);
  } else if (isKeytabLogin(args)) {
    const name = args.get("t");
    const which = name === undefined ? "default client keytab" : `keytab ${name}`;
    const doing = name === undefined && !args.has("i") ? DOING : `resolving ${which}`;
    requireKeytabType(keytabName(local, name, args.has("i")), doing);
    if (args.has("V") && name !== undefined) await host.stderr.write(`Using keytab: ${name}\n`);
    const keys = keytabKeys(local, client, name, args.has("i"));
    result = await gettingTickets(() => kerberos.login(keys, options), client);
  } else {
    result = await loginInPerson(host, kerberos, client, options, own);
  }
  const contents = contentsWith(result, own);
  try {
    // The tickets are of the name that the KDC gave, and so is the cache: libkrb5 finds them in no other.
    await cache.initialize(contents);
  } catch (cause) {
    const failure = cacheFailure(cache.name, DOING, cause, { isWrite: true });
    throw new CommandFailure(`Failed to store credentials: ${messageOf(failure)}`, { advice: messageOf(cause), cause });
  }
}

function isKeytabLogin(args: ParsedArgs): boolean {
  return args.has("k") || args.has("t") || args.has("i");
}

/** With a certificate, where there is one. One that krb5.conf names is not all there is: a KDC may not know PKINIT. */
async function loginInPerson(
  host: CommandHost,
  kerberos: Kerberos,
  client: Principal,
  options: LoginOptions,
  own: CertificateLogin | undefined,
): Promise<Login> {
  if (own === undefined) return await loginWithPassword(host, kerberos, client, options);
  try {
    return await gettingTickets(() => kerberos.login(own.source, options), client);
  } catch (error) {
    const { cause } = error as { readonly cause?: unknown };
    if (own.isNamed || !hasCode(cause, "PREAUTH_UNSUPPORTED")) throw error;
    return await loginWithPassword(host, kerberos, client, options);
  }
}

/** What goes into the cache; a certificate's login is remembered as MIT does it. */
function contentsWith(login: Login, own: CertificateLogin | undefined): NewCacheContents {
  const contents = contentsOfLogin(login);
  if (own === undefined || login.preauthType !== PADATA.pkAsReq) return contents;
  const data = { key: "pa_config_data", server: login.ticket.service, value: encodeText(configData(own)) };
  return { ...contents, config: [...(contents.config ?? []), data] };
}

async function loginWithPassword(
  host: CommandHost,
  kerberos: Kerberos,
  client: Principal,
  options: LoginOptions,
): Promise<Login> {
  const password = askedPassword(host, client);
  try {
    const result = await gettingTickets(() => kerberos.login(password.source, options), client, password);
    await warnOfExpiry(host, result);
    return result;
  } catch (error) {
    if (!isExpired(error)) throw error;
    const changed = await trying(DOING, () => changeExpiredPassword(host, kerberos, client, password));
    const result = await gettingTickets(() => kerberos.login(changed, options), client);
    await warnOfExpiry(host, result);
    return result;
  }
}

function isExpired(error: unknown): boolean {
  const { cause } = error as { readonly cause?: unknown };
  return hasCode(cause, "PASSWORD_EXPIRED", "PASSWORD_MUST_CHANGE");
}

/** Runs a login, and puts MIT's words on its failure. */
async function gettingTickets(
  operation: () => Promise<Login>,
  client: Principal,
  password?: AskedPassword,
): Promise<Login> {
  try {
    return await operation();
  } catch (error) {
    const failure = rootFailure(error);
    // What the secret itself said: no keytab, no password.
    if (failure !== undefined) {
      const { message, advice, detail } = failure;
      throw new CommandFailure(`Pre-authentication failed: ${message} ${DOING}`, { advice, detail });
    }
    const isWrong = isKerberosError(error) && error.code === "INTEGRITY" && password?.wasAsked();
    if (isWrong) throw new CommandFailure(`Password incorrect ${DOING}`, { advice: messageOf(error), cause: error });
    throw failed(DOING, error, { client, realm: client.realm });
  }
}

function rootFailure(error: unknown): CommandFailure | undefined {
  if (error instanceof CommandFailure) return error;
  const cause = (error as { readonly cause?: unknown } | undefined)?.cause;
  return cause instanceof CommandFailure ? cause : undefined;
}

/** `-R` and `-v`: the ticket of the cache again, renewed or made valid. */
async function refresh(
  host: CommandHost,
  kerberos: Kerberos,
  { client, cache }: Target,
  args: ParsedArgs,
): Promise<void> {
  const doing = args.has("v") ? "while validating credentials" : "while renewing credentials";
  const old = await oldTicket(host, cache, client, args.get("S"), doing);
  if (!args.has("v") && (old.flags & TICKET_FLAG.renewable) === 0) {
    throw new CommandFailure(`KDC can't fulfill requested option ${doing}`, {
      advice: "the ticket is not renewable: log in with -r, for example kinit -r 7d",
    });
  }
  const fresh = await trying(doing, () => (args.has("v") ? kerberos.validate(old) : kerberos.renew(old)), {
    client,
    service: old.service,
    realm: old.service.realm,
  });
  try {
    // In one step: the cache of a program that runs is never without a ticket. And with the offset of the KDC's clock,
    // by which the ticket counts.
    const { clockOffsetMs } = fresh;
    await cache.initialize({
      principal: args.has("C") ? fresh.client : client,
      credentials: [credentialOfTicket(fresh)],
      ...(clockOffsetMs === 0 ? {} : { clockOffsetMs }),
    });
    if (args.has("V")) await host.stderr.write("Initialized cache\nStored credentials\n");
  } catch (cause) {
    throw cacheFailure(cache.name, `when initializing cache ${args.get("c") ?? ""}`, cause);
  }
}

async function oldTicket(
  host: CommandHost,
  cache: CredentialCache,
  client: Principal,
  service: string | undefined,
  doing: string,
): Promise<ServiceTicket> {
  const contents = await needCache(cache, doing);
  const server =
    service === undefined
      ? tgsPrincipal(client.realm)
      : principalOf(await openLocal(host), service, { doing: `when parsing service name ${service}` });
  const found = findCredential(contents, { server });
  if (found === undefined) {
    throw new CommandFailure(`Matching credential not found (filename: ${cache.name.replace(/^\w+:/, "")}) ${doing}`, {
      advice: `the cache has no ticket for ${nameOf(server)}`,
    });
  }
  const { clockOffsetMs = 0 } = contents;
  return ticketOfCredential(found, await allEncTypes(host), { clockOffsetMs });
}
