import { ccache, type Login } from "../../client/index.ts";
import { hasName } from "../../errors.ts";
import type { Principal } from "../../krb5/index.ts";
import type { CommandHost } from "../command.ts";
import { CommandFailure, failed, type Subject } from "../failure.ts";
import { UsageError } from "../getopt.ts";
import { askedPassword, kerberosOf } from "../kerberos.ts";
import { cacheOf, hasEmptyRealm, type Local, openLocal, principalOf, readCache } from "../local.ts";
import { type Program, runProgram } from "../program.ts";
import { say } from "../text.ts";
import { askNewPassword, CHANGE_SERVICE, refusalWords } from "./kinit-expiry.ts";

const program: Program = {
  short: "T:",
  usage: `Usage: kpasswd [-T armor_ccache] [principal]
`,
  help: `Changes a password: asks for the old one, then for the new one twice, on the terminal without echo, or reads the
three lines from standard input.

  -T         the cache whose ticket armors the login (FAST): nothing is sent without

The principal is the given one, else that of the default credential cache, else the user.
Status 0: changed; 1: could not ask the server; 2: the server refuses the new password, and says why.

Example: kpasswd alice@EXAMPLE.ORG
`,
  usageStatus: 1,
};

const REFUSED_STATUS = 2;

/** `kpasswd`. */
export function kpasswd(host: CommandHost): Promise<number> {
  return runProgram(program, host, async (args) => {
    const [name, extra] = args.operands;
    if (extra !== undefined) throw new UsageError();
    const local = await openLocal(host, "initializing kerberos library");
    const client = await clientOf(local, name);
    const armor = args.get("T");
    const kerberos = kerberosOf(host, local, { armor: armor === undefined ? undefined : ccache(armor) });
    const old = askedPassword(host, client);
    const { ticket } = await tryingLogin(
      () =>
        kerberos.login(old.source, {
          service: CHANGE_SERVICE,
          lifetimeSeconds: 300,
          forwardable: false,
          proxiable: false,
        }),
      { realm: client.realm },
    );
    const fresh = await askNewPassword(host, "while reading password");
    try {
      await kerberos.changePassword(ticket, fresh);
    } catch (error) {
      if (!hasName(error, "PasswordChangeError")) throw failed("changing password", error, { realm: client.realm });
      await say(host, refusalWords(error));
      return REFUSED_STATUS;
    } finally {
      fresh.fill(0);
    }
    await say(host, "Password changed.");
    return 0;
  });
}

async function tryingLogin(login: () => Promise<Login>, subject: Subject): Promise<Login> {
  try {
    return await login();
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code !== "WRONG_PASSWORD") throw failed("getting initial ticket", rootOf(error), subject);
    // MIT's kpasswd has these words for a wrong password.
    const advice = (error as Error).message;
    throw new CommandFailure("Preauthentication failed getting initial ticket", { advice, cause: error });
  }
}

/** What the prompt said, if it was the prompt that failed. */
function rootOf(error: unknown): unknown {
  const cause = (error as { readonly cause?: unknown } | undefined)?.cause;
  const root = error instanceof CommandFailure ? error : cause;
  return root instanceof CommandFailure ? new CommandFailure(`${root.message} getting initial ticket`) : error;
}

async function clientOf(local: Local, name: string | undefined): Promise<Principal> {
  if (name !== undefined && hasEmptyRealm(name)) {
    throw new CommandFailure("Cannot resolve network address for KDC in requested realm getting initial ticket", {
      advice: "name the realm behind the @",
    });
  }
  if (name !== undefined) return principalOf(local, name, { doing: "parsing client name" });
  const cache = await cacheOf(local, undefined, "opening default ccache");
  const contents = await readCache(cache).catch(() => undefined);
  if (contents !== undefined) return contents.principal;
  const { username } = local.environment;
  if (username === undefined) throw new CommandFailure("Unable to identify user from password file");
  return principalOf(local, username, { doing: "parsing client name" });
}
