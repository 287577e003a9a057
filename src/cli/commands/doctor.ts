import { looksEncoded } from "../../bytes/index.ts";
import { usableMechanisms } from "../../client/index.ts";
import { krb5ConfPaths } from "../../config/index.ts";
import type { EncTypeSet } from "../../crypto/index.ts";
import { createLocator } from "../../discovery/index.ts";
import { hasName } from "../../errors.ts";
import { etypesOf, type Principal } from "../../krb5/index.ts";
import { mechanismsByConfig, ticketDefaults } from "../../library/index.ts";
import { createTrace } from "../../trace.ts";
import type { CommandHost } from "../command.ts";
import { checkKdcs } from "../doctor/kdc.ts";
import { checkLogin } from "../doctor/login.ts";
import { Report } from "../doctor/report.ts";
import { checkService } from "../doctor/service.ts";
import type { World } from "../doctor/world.ts";
import { type ParsedArgs, UsageError } from "../getopt.ts";
import { kerberosOf, permittedEncTypes } from "../kerberos.ts";
import { knownTypes } from "../known-types.ts";
import { cacheOf, keytabName, type Local, openLocal, principalOf, readCache, readKeytab } from "../local.ts";
import { messageOf, type Program, runProgram } from "../program.ts";

const program: Program = {
  short: "t:wc:p:s:jT:a:X:",
  long: { json: "j" },
  usage: `Usage: krb5-remctl doctor [-t keytab_file | -w | -X attribute=value] [-a armor_ccache] [-c cachename]
	 [-p port] [-s service] [-T seconds] [-j] [user@REALM] [host]
`,
  help: `Diagnoses the way from here to the KDCs and a remctl server, and says what to do: configuration,
names, ports, clock, enctypes, pre-authentication (what is offered outside FAST and inside), login, the service's key,
remctl. It runs no command on the server.

Without a keytab or password it uses the ticket in the cache and does not log in: no failed login is counted.

  -t    logs in with this keytab, as its first principal if none is named
  -w    asks for a password and logs in with it
  -X    logs in with a certificate: X509_user_identity=FILE:cert.pem,key.pem; X509_anchors=FILE:ca.pem
  -a    looks inside FAST, and logs in there, with the ticket of this cache as armor (default: the ticket of -c, or an
        anonymous one where krb5.conf has pkinit_anchors)
  -c    the cache with the ticket
  -p    the port of remctl (default: 4373)
  -s    the service (default: host/HOST)
  -T    seconds to wait for an answer (default: 5)
  -j    writes JSON, one finding per line

Status 0: all is well; 1: something does not work.

Example: krb5-remctl doctor alice@EXAMPLE.ORG server.example.org
`,
  usageStatus: 2,
};

/** `krb5-remctl doctor`. */
export function doctor(host: CommandHost): Promise<number> {
  return runProgram(program, host, async (args) => {
    const { name, server } = operandsOf(args);
    const timeoutSeconds = Number(args.get("T") ?? 5);
    if (!(timeoutSeconds > 0 && timeoutSeconds <= 600)) throw new UsageError("-T takes seconds, from 1 to 600");
    const port = Number(args.get("p") ?? 4373);
    if (!(Number.isInteger(port) && port > 0 && port <= 65_535))
      throw new UsageError("-p takes a port, from 1 to 65535");
    const report = new Report(host, { isJson: args.has("j") });
    const local = await checkConfiguration(host, report);
    if (local === undefined) return 1;
    const encTypes = await checkPermitted(host, report, local);
    const client = encTypes && (await checkPrincipal(report, local, name, args));
    const wishes = client && encTypes && (await checkSettings(report, local, client, encTypes));
    if (encTypes === undefined || client === undefined || wishes === undefined) return 1;
    const trace = createTrace(host.onTrace, host.now);
    const world: World = {
      host,
      args,
      report,
      local,
      locator: createLocator({ config: local.config, runtime: host.runtime, trace, now: host.now }),
      kerberos: kerberosOf(host, local),
      encTypes,
      wishes,
      trace,
      timeoutMs: timeoutSeconds * 1000,
    };
    const offer = await checkKdcs(world, client);
    const login = await checkLogin(world, client, offer);
    if (server !== undefined) await checkService(world, server, login);
    return report.hasFailed ? 1 : 0;
  });
}

/** `user@REALM`, `host`, or both; the one with an `@` is the user. */
function operandsOf({ operands }: ParsedArgs): {
  readonly name?: string | undefined;
  readonly server?: string | undefined;
} {
  if (operands.length > 2) throw new UsageError("give at most a principal and a host");
  const [first, second] = operands;
  if (second !== undefined) return { name: first, server: second };
  return first === undefined || first.includes("@") ? { name: first } : { server: first };
}

async function checkConfiguration(host: CommandHost, report: Report): Promise<Local | undefined> {
  await report.progress("configuration");
  let local: Local;
  try {
    local = await openLocal(host);
  } catch (error) {
    const cause = (error as { readonly cause?: unknown }).cause ?? error;
    await report.fail("configuration", messageOf(cause), "correct the line that is named");
    return undefined;
  }
  const paths = krb5ConfPaths(local.environment);
  const there = await Promise.all(
    paths.map(async (path) => ((await local.files.stat(path)) === undefined ? [] : [path])),
  );
  const { defaultRealm } = local.config.libdefaults;
  const realm = defaultRealm === undefined ? "no default realm" : `default realm ${defaultRealm}`;
  if (there.flat().length === 0) {
    await report.warn(
      "configuration",
      `${paths.map((path) => (looksEncoded(path) ? "what KRB5_CONFIG names" : path)).join(", ")} is not there`,
      "everything is looked up in DNS; KRB5_CONFIG names another file",
    );
  } else {
    await report.ok("configuration", `${there.flat().join(", ")}; ${realm}`);
  }
  for (const warning of local.config.warnings) {
    await report.warn("configuration", warning, "correct the line: nobody means that");
  }
  return local;
}

/** What no other command could work with either is said in the library's words. */
async function checkPermitted(host: CommandHost, report: Report, local: Local): Promise<EncTypeSet | undefined> {
  try {
    return await permittedEncTypes(host, local);
  } catch (error) {
    if (!hasName(error, "ConfigError")) throw error;
    await report.fail("enctypes", error.message, "name one of these in permitted_enctypes, or take the line out");
    return undefined;
  }
}

/** What a login of the principal would ask for, in the library's words where the configuration leaves nothing. */
async function checkSettings(
  report: Report,
  { config }: Local,
  client: Principal,
  encTypes: EncTypeSet,
): Promise<World["wishes"] | undefined> {
  try {
    const { login } = ticketDefaults({ config }, client, { knownTypes: knownTypes(config) });
    const etypes = login.enctypes === undefined ? encTypes.permitted : etypesOf("enctypes", login.enctypes);
    const mechanisms = usableMechanisms({ preauth: mechanismsByConfig(() => config), ...login });
    return { etypes, mechanisms, isCanonical: login.canonicalize === true };
  } catch (error) {
    if (!hasName(error, "ConfigError")) throw error;
    await report.fail("configuration", error.message, "correct the line that is named");
    return undefined;
  }
}

async function checkPrincipal(
  report: Report,
  local: Local,
  name: string | undefined,
  args: ParsedArgs,
): Promise<Principal | undefined> {
  try {
    if (name !== undefined) return principalOf(local, name, { doing: "" });
    const keytab = args.get("t");
    // The keytab says itself whose it is; what is wrong with it is said where it is looked at.
    const keys = keytab && (await readKeytab(local, keytabName(local, keytab), "").catch(() => undefined));
    const [owner] = keys ? keys.principals : [];
    if (owner !== undefined) return owner;
    const contents = await readCache(await cacheOf(local, args.get("c"))).catch(() => undefined);
    if (contents !== undefined) return contents.principal;
    return principalOf(local, local.environment.username ?? "", { doing: "" });
  } catch (error) {
    await report.fail(
      "principal",
      `${name ?? "nobody is logged in"}: ${messageOf(error).trim()}`,
      "name it in full, for example alice@EXAMPLE.ORG",
    );
    return undefined;
  }
}
