import { parseEnctypeList } from "../../config/index.ts";
import { Keytab, type KeytabEntry, readKeytabFile, writeKeytabFile } from "../../credentials/index.ts";
import { equalPrincipals, type Principal } from "../../krb5/index.ts";
import type { CommandHost } from "../command.ts";
import { CommandFailure, trying } from "../failure.ts";
import { type ParsedArgs, UsageError } from "../getopt.ts";
import { permittedEncTypes } from "../kerberos.ts";
import { accountSalt, askKeyHints, keysOfPassword } from "../keys-of-password.ts";
import { keytabName, type Local, openLocal, principalOf, randomBytes, readKeytab } from "../local.ts";
import { type Program, runProgram } from "../program.ts";
import { nameOf, say } from "../text.ts";
import { keytabLines } from "./klist-keytab.ts";

const program: Program = {
  short: "a:e:fi:Ks:t:V:",
  usage: `Usage: krb5-remctl keytab list [-t keytab_file] [-K]
       krb5-remctl keytab add [-t keytab_file] [-V kvno] [-e enctypes] [-a account] [-f | -s salt] [-i iterations] principal
       krb5-remctl keytab delete [-t keytab_file] [-V kvno] [-e enctypes] principal
`,
  help: `Lists, adds and deletes the keys of a keytab (default: KRB5_KTNAME, krb5.conf, FILE:/etc/krb5.keytab).

  list     versions, times, principals and enctypes; -K: the keys themselves
  add      derives keys from a password, read from the terminal without echo or from standard input, and adds them to
           the keytab, which it creates if needed; replaces a key of the same principal, version and enctype
  delete   removes keys: all of the principal, or those of one version or enctype

  -t    the keytab
  -V    the key version (add: default 1)
  -e    enctypes, for example aes256-sha1,aes128-sha1 (add: default all)
  -f    asks the KDC for salt, iterations and enctypes; nobody logs in
  -a    the account of Active Directory that the principal is a service of, WEB$ for a computer: its salt is that of the keys
  -s    the salt (default: that of RFC 4120; a renamed principal keeps its old one)
  -i    PBKDF2 iterations (default: those of the enctype, 4,096 or 32,768)

The file is replaced as a whole, with mode 0600.
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
      await say(
        host,
        `Keytab name: ${name}`,
        ...keytabLines(keys, { has: (letter) => letter !== "K" || args.has("K") }),
      );
      return 0;
    }
    const [text, extra] = rest;
    if (text === undefined || extra !== undefined) throw new UsageError();
    const principal = principalOf(local, text);
    if (what === "add") return await add(host, local, args, name, principal);
    if (what === "delete") return await remove(host, local, args, name, principal);
    throw new UsageError(`keytab has the requests list, add and delete, not ${JSON.stringify(what)}`);
  });
}

async function add(
  host: CommandHost,
  local: Local,
  args: ParsedArgs,
  name: string,
  principal: Principal,
): Promise<number> {
  const kvno = versionOf(args) ?? 1;
  const account = args.get("a");
  if (args.has("f") && args.has("s")) throw new UsageError("only one of -f and -s");
  if (account !== undefined && args.has("s")) throw new UsageError("only one of -a and -s");
  const old = await readOrEmpty(local, name);
  const etypes = etypesOf(args);
  const owner = account === undefined ? principal : accountOf(local, account, principal);
  const hints = args.has("f")
    ? await trying(`while asking how the keys of ${nameOf(owner)} are made`, async () =>
        askKeyHints(host, local, owner, etypes ?? (await permittedEncTypes(host, local)).permitted),
      )
    : undefined;
  const salt = account === undefined ? args.get("s") : accountSalt(account, principal.realm);
  const password = await host.readSecret(`Password for ${nameOf(principal)}: `);
  if (password === undefined) throw new CommandFailure("Cannot read password");
  const entries = await keysOfPassword(host, principal, password, {
    kvno,
    etypes,
    // A salt that the KDC says is not computed.
    ...(hints === undefined ? { salt } : { hints: hints.map((hint) => ({ salt: defaultSaltOf(owner), ...hint })) }),
    iterations: iterationsOf(args),
  });
  password.fill(0);
  const kept = old.entries.filter(
    (one) =>
      !entries.some(
        (fresh) =>
          equalPrincipals(one.principal, fresh.principal) &&
          one.kvno === fresh.kvno &&
          one.keyBlock.etype === fresh.keyBlock.etype,
      ),
  );
  await writeKeytabFile(name, new Keytab([...kept, ...entries]), { files: local.files, randomBytes });
  return 0;
}

async function remove(
  host: CommandHost,
  local: Local,
  args: ParsedArgs,
  name: string,
  principal: Principal,
): Promise<number> {
  const keys = await readKeytabFile(name, local.files);
  const kvno = versionOf(args);
  const etypes = etypesOf(args);
  const isMeant = (one: KeytabEntry): boolean =>
    equalPrincipals(one.principal, principal) &&
    (kvno === undefined || one.kvno === kvno) &&
    (etypes === undefined || etypes.includes(one.keyBlock.etype));
  const kept = keys.entries.filter((one) => !isMeant(one));
  const count = keys.entries.length - kept.length;
  if (count === 0) throw new CommandFailure(`${name} has no such key of ${nameOf(principal)}`);
  await writeKeytabFile(name, new Keytab(kept), { files: local.files, randomBytes });
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

function versionOf(args: ParsedArgs): number | undefined {
  const text = args.get("V");
  if (text === undefined) return undefined;
  const kvno = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(kvno <= 0xffffffff)) throw new UsageError(`bad key version ${text}`);
  return kvno;
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

async function readOrEmpty(local: Local, name: string): Promise<Keytab> {
  const path = name.replace(/^(?:WR)?FILE:/, "");
  return (await local.files.stat(path)) === undefined ? new Keytab() : await readKeytab(local, name, "");
}
