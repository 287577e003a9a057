import { parseEnctypeList } from "../../config/index.ts";
import { changeKeytabFile, Keytab, type KeytabEntry, readKeytabFile } from "../../credentials/index.ts";
import { equalPrincipals, type Principal } from "../../krb5/index.ts";
import type { CommandHost } from "../command.ts";
import { CommandFailure, trying } from "../failure.ts";
import { type ParsedArgs, UsageError } from "../getopt.ts";
import { permittedEncTypes } from "../kerberos.ts";
import { accountSalt, askKeyHints, type KeyOptions, keysOfPassword } from "../keys-of-password.ts";
import { keytabName, type Local, openLocal, principalOf, readKeytab, readOrNewKeytab } from "../local.ts";
import { type Program, runProgram } from "../program.ts";
import { nameOf, say, sayAll } from "../text.ts";
import { keytabLines } from "./klist-keytab.ts";

const program: Program = {
  short: "a:e:fi:Ks:t:V:",
  usage: `Usage: krb5-remctl keytab list [-t keytab_file] [-K]
       krb5-remctl keytab add [-t keytab_file] [-V kvno,...] [-e enctypes] [-a account] [-f | -s salt] [-i iterations]
         principal ...
       krb5-remctl keytab delete [-t keytab_file] [-V kvno,...] [-e enctypes] principal
`,
  help: `Lists, adds and deletes the keys of a keytab (default: KRB5_KTNAME, krb5.conf, FILE:/etc/krb5.keytab).

  list     versions, times, principals and enctypes; -K: the keys themselves
  add      derives keys from a password, read from the terminal without echo or from standard input, and adds them to
           the keytab, which it creates if needed; replaces a key of the same principal, version and enctype. Several
           principals have one password: an account and its service names
  delete   removes keys: all of the principal, or those of some versions or enctypes

  -t    the keytab
  -V    the key version (add: default 1), or several, for example 3,4: the same keys under each
  -e    enctypes, for example aes256-sha1,aes128-sha1 (add: default all)
  -f    asks the KDC for salt, iterations and enctypes; nobody logs in
  -a    the account of Active Directory that the principal is a service of, WEB$ for a computer: its salt is that of the keys
  -s    the salt (default: that of RFC 4120; a renamed principal keeps its old one)
  -i    PBKDF2 iterations (default: those of the enctype, 4,096 or 32,768)

The file is replaced as a whole. One that only its owner and group may use keeps owner, group and mode; any other has
mode 0600.

Example: krb5-remctl keytab add -f -t web.keytab HTTP/www.example.org@EXAMPLE.ORG
`,
  usageStatus: 2,
};

/** `krb5-remctl keytab`. */
export function keytab(host: CommandHost): Promise<number> {
  return runProgram(program, host, async (args) => {
    const [what, ...rest] = args.operands;
    const local = await openLocal(host);
    const name = keytabName(local, args.get("t") ?? (what === "list" ? rest[0] : undefined));
    if (what === "list" && rest.length <= 1) {
      const keys = await readKeytab(local, name, "while starting keytab scan");
      await say(host, `Keytab name: ${name}`);
      await sayAll(host, keytabLines(keys, { has: (letter) => letter !== "K" || args.has("K") }));
      return 0;
    }
    const [principal, ...others] = rest.map((text) => principalOf(local, text));
    if (principal === undefined || (others.length > 0 && what !== "add")) throw new UsageError();
    if (what === "add") return await add(host, local, args, name, [principal, ...others]);
    if (what === "delete") return await remove(host, local, args, name, principal);
    throw new UsageError(`keytab has the requests list, add and delete, not ${JSON.stringify(what)}`);
  });
}

async function add(
  host: CommandHost,
  local: Local,
  args: ParsedArgs,
  name: string,
  principals: readonly [Principal, ...Principal[]],
): Promise<number> {
  const kvnos = versionsOf(args) ?? [1];
  const account = args.get("a");
  if (args.has("f") && args.has("s")) throw new UsageError("only one of -f and -s");
  if (account !== undefined && args.has("s")) throw new UsageError("only one of -a and -s");
  // Before anybody types a password for a keytab that cannot be read.
  await readOrNewKeytab(local, name, "");
  const etypes = etypesOf(args);
  const iterations = iterationsOf(args);
  const makings = new Map<Principal, Pick<KeyOptions, "hints" | "salt">>();
  for (const principal of principals) makings.set(principal, await makingOf(host, local, args, principal, etypes));
  const password = await host.readSecret(`Password for ${nameOf(principals[0])}: `);
  if (password === undefined) throw new CommandFailure("Cannot read password");
  const entries: KeytabEntry[] = [];
  for (const [principal, making] of makings) {
    const keys = await keysOfPassword(host, principal, password, { kvno: 0, etypes, iterations, ...making });
    entries.push(...kvnos.flatMap((kvno) => keys.map((key) => ({ ...key, kvno }))));
  }
  password.fill(0);
  const isReplaced = (one: KeytabEntry): boolean =>
    entries.some(
      (fresh) =>
        equalPrincipals(one.principal, fresh.principal) &&
        one.kvno === fresh.kvno &&
        one.keyBlock.etype === fresh.keyBlock.etype,
    );
  const change = async (): Promise<Keytab> => {
    const old = await readOrNewKeytab(local, name, "");
    return new Keytab([...old.entries.filter((one) => !isReplaced(one)), ...entries]);
  };
  await changeKeytabFile(name, change, local.files);
  return 0;
}

/** How the keys of a principal are made: as the KDC says, or by a salt. */
async function makingOf(
  host: CommandHost,
  local: Local,
  args: ParsedArgs,
  principal: Principal,
  etypes: readonly number[] | undefined,
): Promise<Pick<KeyOptions, "hints" | "salt">> {
  const account = args.get("a");
  const owner = account === undefined ? principal : accountOf(local, account, principal);
  if (!args.has("f")) return { salt: account === undefined ? args.get("s") : accountSalt(account, principal.realm) };
  const hints = await trying(`while asking how the keys of ${nameOf(owner)} are made`, async () =>
    askKeyHints(host, local, owner, etypes ?? (await permittedEncTypes(host, local)).permitted),
  );
  // A salt that the KDC says is not computed.
  return { hints: hints.map((hint) => ({ salt: defaultSaltOf(owner), ...hint })) };
}

async function remove(
  host: CommandHost,
  local: Local,
  args: ParsedArgs,
  name: string,
  principal: Principal,
): Promise<number> {
  const kvnos = versionsOf(args);
  const etypes = etypesOf(args);
  const isMeant = (one: KeytabEntry): boolean =>
    equalPrincipals(one.principal, principal) &&
    (kvnos === undefined || kvnos.includes(one.kvno)) &&
    (etypes === undefined || etypes.includes(one.keyBlock.etype));
  let count = 0;
  const change = async (): Promise<Keytab> => {
    const { entries } = await readKeytabFile(name, local.files);
    const kept = entries.filter((one) => !isMeant(one));
    count = entries.length - kept.length;
    if (count === 0) throw new CommandFailure(`${name} has no such key of ${nameOf(principal)}`);
    return new Keytab(kept);
  };
  await changeKeytabFile(name, change, local.files);
  await say(host, `${count} ${count === 1 ? "key" : "keys"} deleted`);
  return 0;
}

/** The account by whose name the KDC knows the keys, in the principal's realm. */
function accountOf(local: Local, account: string, { realm }: Principal): Principal {
  return { ...principalOf(local, account), realm };
}

/** What the salt is where the KDC does not say it: that of the account, not that of one of its services. */
function defaultSaltOf({ realm, components }: Principal): string {
  return realm + components.join("");
}

function versionsOf(args: ParsedArgs): readonly number[] | undefined {
  const kvnos = args
    .get("V")
    ?.split(",")
    .map((text) => {
      const kvno = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
      if (!(kvno <= 0xffffffff)) throw new UsageError(`bad key version ${text}`);
      return kvno;
    });
  return kvnos && [...new Set(kvnos)];
}

function iterationsOf(args: ParsedArgs): number | undefined {
  const text = args.get("i");
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`bad number of iterations ${text}`);
  return Number(text);
}

function etypesOf(args: ParsedArgs): readonly number[] | undefined {
  const text = args.get("e");
  if (text === undefined) return undefined;
  const { enctypes, unknown } = parseEnctypeList(text);
  if (unknown.length > 0 || enctypes.length === 0)
    throw new UsageError(`unknown enctype ${unknown.join(", ") || text}`);
  return enctypes;
}
