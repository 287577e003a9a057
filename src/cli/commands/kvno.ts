import type { S4uUser } from "../../client/index.ts";
import { parseEnctype } from "../../config/index.ts";
import type { Credential, CredentialCache, Keytab } from "../../credentials/index.ts";
import { keytabKeys } from "../../gssapi/index.ts";
import { NAME_TYPE } from "../../iana/index.ts";
import {
  decodeTicket,
  isByNameOnly,
  openTicket as openSealed,
  type Principal,
  servicePrincipal,
  type Ticket,
} from "../../krb5/index.ts";
import type { CommandHost } from "../command.ts";
import { CommandFailure, trying } from "../failure.ts";
import { type ParsedArgs, UsageError } from "../getopt.ts";
import { allEncTypes, kerberosOf } from "../kerberos.ts";
import {
  cacheFailure,
  cacheOf,
  hasEmptyRealm,
  keytabName,
  type Local,
  needCache,
  openLocal,
  prepareCache,
  principalOf,
  readKeytab,
  requireKeytabType,
} from "../local.ts";
import { complainOf, messageOf, type Program, runProgram } from "../program.ts";
import { nameOf, say } from "../text.ts";
import { evidenceOf, getUserToUser, proxied, userOf, userToUserTicket } from "./kvno-delegation.ts";
import { type GotTicket, getTicket, type TicketWorld } from "./kvno-ticket.ts";

const program: Program = {
  short: "uCc:e:hk:qPS:I:U:F:",
  long: { "cached-only": "cached-only", "no-store": "no-store", "out-cache": "out-cache:", u2u: "u2u:" },
  usage: `usage: kvno [-c ccache] [-e etype] [-k keytab] [-q] [-u | -S sname]
	[[{-F cert_file | {-I | -U} for_user} [-P]] | --u2u ccache]
	[--cached-only] [--no-store] [--out-cache ccache] service1 service2 ...
`,
  help: `Gets tickets for services with the ticket-granting ticket of a cache, stores them there, and shows the version
of the key that encrypts each.

  -c              the cache (default: KRB5CCNAME, krb5.conf, FILE:/tmp/krb5cc_UID)
  -e              the enctype of the session key
  -k              decrypts each ticket with this keytab, to check that its key is the KDC's
  -q              prints nothing but errors
  -S              the services are hosts, and this is the name of the service on them
  -u              the services are of no known type of name
  --cached-only   only tickets that the cache has already
  --no-store      does not store them
  --out-cache     stores them in this new cache instead
  -C              accepted, without effect but for a line in the trace: host names are used as given
  -I, -U          a ticket of this user for the cache's own principal; -U: an enterprise name, for example alice@example.org
  -F              the same for the user of a certificate in this file
  -P              with one of these: tickets of the user for the services (constrained delegation)
  --u2u           the services are users, and the first one's ticket-granting ticket is in this cache

Example: kvno -k /etc/krb5.keytab host/server.example.org
`,
  usageStatus: 1,
  unused: { C: "the KDC may always name the service as it knows it" },
};

/** `kvno`. */
export function kvno(host: CommandHost): Promise<number> {
  return runProgram(program, host, async (args) => {
    check(args);
    const etype = etypeOf(args);
    const local = await openLocal(host, "while initializing krb5 library");
    const cache = await cacheOf(local, args.get("c"), "while opening ccache");
    const contents = await needCache(cache, "while getting client principal name");
    const keytab = args.get("k");
    const world: World = {
      host,
      local,
      args,
      cache,
      contents,
      etype,
      kerberos: kerberosOf(host, local),
      encTypes: await allEncTypes(host),
      ...(keytab === undefined
        ? {}
        : { keytab: lazyKeytab(local, keytabName(local, keytab), `resolving keytab ${keytab}`) }),
    };
    const output = await outputOf(world);
    let status = 0;
    world.user = await userOf(local, args, contents.principal);
    world.second = await userToUserTicket(local, args);
    for (const operand of args.operands) {
      try {
        await showOne(world, output, serviceOf(local, args, operand));
      } catch (error) {
        status = 1;
        await complainOf(host, error);
      }
    }
    return status;
  });
}

interface World extends TicketWorld {
  readonly local: Local;
  readonly keytab?: () => Promise<Keytab>;
  /** Whose tickets are wanted, if not the client's. */
  user?: S4uUser | undefined;
  /** Under whose session key tickets shall be. */
  second?: Credential | undefined;
  /** Whether the cache of `--out-cache` has a principal. */
  isOutputReady?: boolean;
}

/** Adds to what is known to be in the cache, as of this run. */
function remember(world: World, credentials: readonly Credential[]): void {
  world.contents = { ...world.contents, credentials: [...world.contents.credentials, ...credentials] };
}

/** Read when there is a ticket to open with it: one that is not there keeps no ticket from being had. */
function lazyKeytab(local: Local, name: string, doing: string): () => Promise<Keytab> {
  requireKeytabType(name, doing);
  let keytab: Promise<Keytab> | undefined;
  return () => {
    keytab ??= readKeytab(local, name, "");
    return keytab;
  };
}

function check(args: ParsedArgs): void {
  if (args.has("P") && !(args.has("I") || args.has("U") || args.has("F"))) {
    throw new UsageError("Option -P (constrained delegation) requires option -I|-U|-F (protocol transition)", {
      isBare: true,
    });
  }
  if (args.operands.length === 0 || args.has("h")) throw new UsageError();
  if (args.has("u") && args.has("S"))
    throw new UsageError("Options -u and -S are mutually exclusive", { isBare: true });
  if (args.has("u2u") && (args.has("I") || args.has("U") || args.has("F"))) {
    throw new UsageError("Options --u2u and -I|-U|-F are mutually exclusive", { isBare: true });
  }
}

function etypeOf(args: ParsedArgs): number | undefined {
  const name = args.get("e");
  if (name === undefined) return undefined;
  const etype = parseEnctype(name);
  if (etype !== undefined) return etype;
  throw new CommandFailure("Invalid argument while converting etype", { advice: `${name} is not a known enctype` });
}

function serviceOf(local: Local, args: ParsedArgs, operand: string): Principal {
  const service = args.get("S");
  if (service === undefined) {
    const principal = principalOf(local, operand, { doing: `while parsing principal name ${operand}` });
    return {
      ...principal,
      ...(args.has("u") ? { nameType: NAME_TYPE.unknown } : {}),
      // Of an empty realm the KDC says which it is; it is not the default one.
      ...(hasEmptyRealm(operand) ? { realm: "" } : {}),
    };
  }
  return servicePrincipal(service, operand, local.config.domainRealm(operand) ?? "");
}

/** Where new tickets go; undefined: nowhere. */
async function outputOf({ args, local, cache, contents }: World): Promise<CredentialCache | undefined> {
  if (args.has("no-store")) return undefined;
  const name = args.get("out-cache");
  if (name === undefined) return cache;
  const output = await cacheOf(local, name, "while resolving output ccache");
  await prepareCache(local, output, "while resolving output ccache");
  // Of whom tickets of users are, is known when the first is there.
  if (!isDelegated(args)) await initialize(output, contents.principal);
  return output;
}

function isDelegated(args: ParsedArgs): boolean {
  return args.has("I") || args.has("U") || args.has("F");
}

async function initialize(output: CredentialCache, principal: Principal): Promise<void> {
  try {
    await output.initialize({ principal });
  } catch (cause) {
    throw cacheFailure(output.name, "while writing output ccache", cause, { isWrite: true });
  }
}

/** What is wanted of a service, before delegation: its ticket, or the user's ticket that is the evidence. */
function getFirst(world: World, service: Principal, doing: string): Promise<GotTicket> {
  const { user, second } = world;
  if (user !== undefined) return evidenceOf(world, user, service, doing);
  if (second !== undefined) return getUserToUser(world, second, service, doing);
  return getTicket(world, service, doing);
}

/** Stores what is new, like MIT: the cache of `--out-cache` has only the tickets that were asked for. */
async function keep(
  world: World,
  output: CredentialCache | undefined,
  { credential, isNew, intermediate }: GotTicket,
  { isAsked, name }: { readonly isAsked: boolean; readonly name: string },
): Promise<void> {
  const { args, cache } = world;
  remember(world, intermediate);
  // What is in the cache is not asked for again; what is kept elsewhere is, as with MIT.
  if (isNew && output === cache) remember(world, [credential]);
  const isOwn = args.has("out-cache");
  if (output === undefined || !(isNew || isOwn) || (isOwn && !isAsked)) return;
  if (isOwn && isDelegated(args) && world.isOutputReady !== true) {
    await initialize(output, credential.client);
    world.isOutputReady = true;
  }
  try {
    for (const one of [...(isOwn ? [] : intermediate), credential]) await output.store(one);
  } catch (cause) {
    throw cacheFailure(output.name, `while storing credentials for ${name}`, cause);
  }
}

async function showOne(world: World, output: CredentialCache | undefined, service: Principal): Promise<void> {
  const { args } = world;
  const name = nameOf(service);
  const isProxied = args.has("P");
  const first = await getFirst(world, service, `while getting credentials for ${name}`);
  await keep(world, output, first, { isAsked: !isProxied, name });
  await show(world, name, first.credential);
  if (!isProxied) return;
  await keep(world, output, await proxied(world, first.credential, service), { isAsked: true, name });
}

async function show(world: World, name: string, credential: Credential): Promise<void> {
  const { host, args, keytab } = world;
  const ticket = await trying(`while decoding ticket for ${name}`, () => decodeTicket(credential.ticket));
  const line = `${name}: kvno = ${ticket.encPart.kvno ?? 0}`;
  if (keytab === undefined) {
    if (!args.has("q")) await say(host, line);
    return;
  }
  try {
    openTicket(world, await keytab(), ticket);
  } catch (error) {
    if (!args.has("q")) await host.stderr.write(`${line}, keytab entry invalid\n`);
    if (!(error instanceof CommandFailure)) throw error;
    const { message, advice, detail } = error;
    throw new CommandFailure(`${message} while decrypting ticket for ${name}`, { advice, detail, cause: error });
  }
  if (!args.has("q")) await say(host, `${line}, keytab entry valid`);
}

/** Throws if the keytab has not the key of a ticket: as an acceptor opens it, under whatever name the key is. */
function openTicket({ encTypes }: World, keytab: Keytab, { encPart, realm, sname }: Ticket): void {
  const principal: Principal = { realm, nameType: sname.nameType, components: sname.nameString };
  const keys = keytabKeys(keytab, encTypes);
  const wanted = isByNameOnly(principal) ? principal : undefined;
  try {
    openSealed({ named: principal, encPart }, { keys, permitted: encTypes.permitted, wanted });
  } catch (cause) {
    const others = keytab.findAll({ principal });
    if (others.length === 0)
      throw new CommandFailure("Wrong principal in request", { advice: messageOf(cause), cause });
    const { kvno = 0, etype } = encPart;
    if (keytab.find({ principal, etype, kvno }) === undefined) {
      const has = others.map((entry) => `kvno ${entry.kvno}`).join(", ");
      throw new CommandFailure("Key version is not available", { advice: `the keytab has ${has}`, cause });
    }
    throw new CommandFailure("Decrypt integrity check failed", { advice: messageOf(cause), cause });
  }
}
