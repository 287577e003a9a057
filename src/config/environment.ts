import { ConfigError } from "../errors.ts";
import type { Krb5Config } from "./krb5-config.ts";

/** What of a process its default names depend on; the caller fills it in from its host. */
export interface Environment {
  /** Environment variables. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The real user. */
  readonly uid?: number | undefined;
  /** Default: `uid`. */
  readonly euid?: number | undefined;
  /** The name of the user. */
  readonly username?: string | undefined;
  /** Default: `TMPDIR`, or `/tmp`. */
  readonly temporaryDirectory?: string | undefined;
  /** Whether lists of paths are separated by `;`, as on Windows. */
  readonly isWindows?: boolean | undefined;
}

/**
 * Replaces `%{uid}`, `%{euid}`, `%{username}`, `%{USERID}`, `%{TEMP}`, `%{null}` and the variables of Windows in a
 * path. Throws ConfigError for a token that is unknown, never closed, or not known of this process.
 */
export function expandPath(path: string, environment: Environment = {}): string {
  const { env = {}, uid, euid = uid, username = env.USER, isWindows = false } = environment;
  const known: Readonly<Record<string, string | number | undefined>> = {
    null: "",
    uid,
    euid,
    USERID: uid,
    username,
    TEMP: environment.temporaryDirectory ?? env.TMPDIR ?? (isWindows ? env.TEMP : "/tmp"),
    LIBDIR: "/usr/lib",
    BINDIR: "/usr/bin",
    SBINDIR: "/usr/sbin",
    APPDATA: env.APPDATA,
    LOCAL_APPDATA: env.LOCALAPPDATA,
    COMMON_APPDATA: env.ProgramData,
    WINDOWS: env.SystemRoot,
  };
  let out = "";
  let rest = path;
  for (;;) {
    const start = rest.indexOf("%{");
    if (start < 0) return out + rest;
    const end = rest.indexOf("}", start);
    if (end < 0) throw new ConfigError(`${path}: the %{ is never closed: write its }`);
    const token = rest.slice(start + 2, end);
    if (!Object.hasOwn(known, token))
      throw new ConfigError(`${path}: %{${token}} is not known: look at its spelling, or give the path in full`);
    const value = known[token];
    if (value === undefined) throw new ConfigError(`${path}: this process has no ${token}; give the path in full`);
    out += rest.slice(0, start) + String(value);
    rest = rest.slice(end + 1);
  }
}

/** The configuration files to read: `KRB5_CONFIG`, several separated by `:`, or `/etc/krb5.conf`. */
export function krb5ConfPaths(environment: Environment = {}): readonly string[] {
  const { env = {}, isWindows = false } = environment;
  const value = env.KRB5_CONFIG;
  if (value === undefined || value === "") {
    return isWindows ? [`${env.ProgramData ?? "C:\\ProgramData"}\\MIT\\Kerberos5\\krb5.ini`] : ["/etc/krb5.conf"];
  }
  return value.split(isWindows ? ";" : ":").filter((path) => path !== "");
}

/** The default credential cache: `KRB5CCNAME`, `default_ccache_name`, or `FILE:/tmp/krb5cc_%{uid}`. */
export function defaultCcacheName(environment: Environment = {}, config?: Krb5Config): string {
  return (
    fromVariable(environment, "KRB5CCNAME") ??
    expandPath(config?.libdefaults.defaultCcacheName ?? "FILE:/tmp/krb5cc_%{uid}", environment)
  );
}

/** The default keytab: `KRB5_KTNAME`, `default_keytab_name`, or `FILE:/etc/krb5.keytab`. */
export function defaultKeytabName(environment: Environment = {}, config?: Krb5Config): string {
  return (
    fromVariable(environment, "KRB5_KTNAME") ??
    expandPath(config?.libdefaults.defaultKeytabName ?? "FILE:/etc/krb5.keytab", environment)
  );
}

/**
 * The default client keytab: `KRB5_CLIENT_KTNAME`, `default_client_keytab_name`, or that of the user under
 * `/etc/krb5/user`.
 */
export function defaultClientKeytabName(environment: Environment = {}, config?: Krb5Config): string {
  const builtIn = "FILE:/etc/krb5/user/%{euid}/client.keytab";
  return (
    fromVariable(environment, "KRB5_CLIENT_KTNAME") ??
    expandPath(config?.libdefaults.defaultClientKeytabName ?? builtIn, environment)
  );
}

/** As libkrb5 has it, an environment variable is taken as it stands, without expansion. */
function fromVariable({ env = {} }: Environment, name: string): string | undefined {
  return env[name] || undefined;
}
