import { PasswordChangeError } from "../../errors.ts";
import type { Principal } from "../../krb5/index.ts";
import type { CommandHost } from "../command.ts";
import { CommandFailure, failed, trying } from "../failure.ts";
import { UsageError } from "../getopt.ts";
import { askedPassword, kerberosOf } from "../kerberos.ts";
import { cacheOf, type Local, openLocal, principalOf, readCache } from "../local.ts";
import { type Program, runProgram } from "../program.ts";
import { say } from "../text.ts";
import { askNewPassword, CHANGE_SERVICE, refusalWords } from "./kinit-expiry.ts";

const program: Program = {
  short: "",
  usage: `Usage: kpasswd [principal]
`,
  help: `Changes a password: asks for the old one, then for the new one twice, on the terminal without echo, or reads the
three lines from standard input.

The principal is the given one, else that of the default credential cache, else the user.
Status 0: changed; 1: could not ask the server; 2: the server refuses the new password, and says why.
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
    const kerberos = kerberosOf(host, local);
    const old = askedPassword(host, client);
    const { ticket } = await trying(
      "getting initial ticket",
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
      if (!(error instanceof PasswordChangeError)) throw failed("changing password", error, { realm: client.realm });
      await say(host, refusalWords(error));
      return REFUSED_STATUS;
    } finally {
      fresh.fill(0);
    }
    await say(host, "Password changed.");
    return 0;
  });
}

async function clientOf(local: Local, name: string | undefined): Promise<Principal> {
  if (name !== undefined) return principalOf(local, name, { doing: "parsing client name" });
  const cache = await cacheOf(local, undefined, "opening default ccache");
  const contents = await readCache(cache).catch(() => undefined);
  if (contents !== undefined) return contents.principal;
  const { username } = local.environment;
  if (username === undefined) throw new CommandFailure("Unable to identify user from password file");
  return principalOf(local, username, { doing: "parsing client name" });
}
