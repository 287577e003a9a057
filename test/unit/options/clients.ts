import type {
  LoginOptions,
  PasswordChangeOptions,
  RefreshOptions,
  ServiceTicketOptions,
} from "../../../src/client/index.ts";
import * as drivers from "../../../src/entry/drivers.ts";
import * as fast from "../../../src/entry/fast.ts";
import * as main from "../../../src/entry/index.ts";
import * as npmKerberos from "../../../src/entry/kerberos.ts";
import * as leanNode from "../../../src/entry/lean/node.ts";
import * as lean from "../../../src/entry/lean.ts";
import * as pkinit from "../../../src/entry/pkinit.ts";
import * as postgres from "../../../src/entry/postgres.ts";
import { type RowsOf, row } from "./case.ts";
import { MARKER } from "./kinds.ts";
import * as kinds from "./kinds-of-clients.ts";
import { alice, client, credentials, good, kerberos, pool, realm, session, ticket } from "./world.ts";

const wrongPac = [5, "", "yes", MARKER, null];

const kerberosKinds = {
  ...kinds.exchange,
  kdc: "servers",
  kpasswd: "servers",
  config: [5, { MARKER }, { files: MARKER }, { files: [5] }, null, `/etc/${MARKER}`],
  armor: [5, "", { MARKER }, MARKER, null],
  armorPolicy: [5, "", "offered", MARKER, null],
  pac: wrongPac,
  dns: [5, { MARKER }, [5], "", null],
  site: [5, "", "a.b", { MARKER }, [MARKER], null],
  environment: [MARKER, {}, { env: MARKER }, null],
  trustAnchors: [5, { MARKER }, [5], "", null],
} as const;

const clientKinds = {
  ...kinds.remctl,
  ...kinds.tickets,
  ...kerberosKinds,
  credentials: kinds.credentials,
  cache: [5, "", { MARKER }, { store: {}, key: new Uint8Array(32) }, { store: new Map(), key: MARKER }, null],
  directTicket: "flag",
  rejectedSecretRestSeconds: "from0",
} as const;

const { credentials: _credentials, cache: _cache, ...delegatedKinds } = clientKinds;

const pem = "-----BEGIN CERTIFICATE-----";
const wrongPem = [5, MARKER, { MARKER }, null];
const trustKinds = {
  anchors: [...wrongPem, [], [MARKER]],
  pool: [...wrongPem, [], [MARKER]],
  kdcHostname: [5, "", { MARKER }, [5], null],
  kdcUsage: [5, MARKER, null],
  dhMinBits: [MARKER, 1024, Number.NaN, null],
};

export const pkinitRows: RowsOf<typeof pkinit> = {
  anonymous: row<main.AnonymousOptions>((options) => main.anonymous("R", options), trustKinds, { anchors: pem }),
  certificate: row<main.CertificateOptions>(
    (options) => main.certificate("a@R", options),
    {
      ...trustKinds,
      certificate: wrongPem,
      chain: [...wrongPem, []],
      key: wrongPem,
      sign: "callback",
      pkcs12: "octets",
      passphrase: [5, { MARKER }, null],
      freshness: "flag",
    },
    { anchors: pem, certificate: pem, key: pem },
  ),
};

export const npmKerberosRows: RowsOf<typeof npmKerberos> = {
  configure: row<npmKerberos.ConfigureOptions>((options) => npmKerberos.configure(options), {
    ...kerberosKinds,
    credentials: kinds.credentials,
    keytab: [5, "", { MARKER }, [MARKER], null],
    passwords: "flag",
    replayCache: [MARKER, { MARKER }, null],
  }),
};

export const fastRows: RowsOf<typeof fast> = {
  fast: row<fast.FastOptions>((options) => fast.fast({ principal: "a@R", password: "p" }, options), {
    policy: [5, MARKER, null],
  }),
};

const gssStreamKinds = {
  credential: [5, MARKER, {}, null],
  encryption: "word",
  tls: [5, MARKER, null],
  service: "text",
  host: "text",
  delegation: [5, MARKER, null],
  onTrace: "callback",
} as const;

export const postgresRows: RowsOf<typeof postgres> = {
  gssStream: row<postgres.GssStreamOptions>((options) => postgres.gssStream(options), gssStreamKinds, {
    credential: client,
  }),
  postgresSocket: row<postgres.GssStreamOptions>((options) => postgres.postgresSocket(options), gssStreamKinds, {
    credential: client,
  }),
};

const saslDriverKinds = {
  credential: [5, MARKER, {}, null],
  service: "text",
  host: "text",
  authorizationId: "text",
  onTrace: "callback",
} as const;
const { authorizationId: _, ...mysql2Kinds } = saslDriverKinds;
const withCredential = { credential: client };
const withHost = { ...withCredential, host: "mail.example.org" };

export const driversRows: RowsOf<typeof drivers> = {
  kafkajs: row<drivers.SaslDriverOptions>((options) => drivers.kafkajs(options), saslDriverKinds, withCredential),
  platformaticKafka: row<drivers.SaslDriverOptions>(
    (options) => drivers.platformaticKafka(options),
    saslDriverKinds,
    withCredential,
  ),
  ldapSocket: row<drivers.LdapSocketOptions>(
    (options) => drivers.ldapSocket(options),
    { ...saslDriverKinds, layer: "word" },
    withCredential,
  ),
  mysql2Gssapi: row<drivers.Mysql2Options>((options) => drivers.mysql2Gssapi(options), mysql2Kinds, withCredential),
  nodemailerGssapi: row<drivers.NodemailerOptions>(
    (options) => drivers.nodemailerGssapi(options),
    saslDriverKinds,
    withHost,
  ),
};

export const mainRows: RowsOf<typeof main> = {
  ...pkinitRows,
  createClient: row<main.ClientOptions>((options) => main.createClient(options), clientKinds, good),
  ccache: row<main.CacheChoice>((options) => main.ccache(undefined, options), { principal: "principal" }),
  fromEnvironment: row<main.CacheChoice>((options) => main.fromEnvironment(options), { principal: "principal" }),
  createKerberos: row<main.KerberosOptions>((options) => main.createKerberos(options), kerberosKinds),
  delegatedCredentials: row<Omit<main.ClientOptions, "credentials" | "cache">>(
    (options) => main.delegatedCredentials({ delegated: [ticket] }, options),
    delegatedKinds,
    { kdc: good.kdc },
  ),
  createPool: row<main.PoolOptions>((options) => main.createPool(() => client, options), kinds.pool),
  parseKrb5Conf: row<main.ParseOptions>((options) => main.parseKrb5Conf("", options), {
    file: "text",
    onTrace: "callback",
  }),
  parsePrincipal: row<main.ParsePrincipalOptions>((options) => main.parsePrincipal("a@R", options), {
    defaultRealm: "string",
    isEnterprise: "flag",
  }),
  password: row<main.PasswordOptions>((options) => main.password("alice@R", MARKER, options), { salt: "string" }),
  remctl: row<main.ClientOptions>((options) => main.remctl("server", ["ping"], options), clientKinds, good),
  runOnHosts: row<main.ClientOptions & main.HostsOptions>(
    (options) => main.runOnHosts(["server"], ["ping"], options),
    { ...clientKinds, concurrency: "whole1", onResult: "callback", onProgress: "callback" },
    good,
  ),
  verifyPassword: row<main.VerifyPasswordOptions>(
    (options) => main.verifyPassword("alice", "secret", options),
    {
      ...kerberosKinds,
      keytab: [5, { MARKER }, null],
      realms: [MARKER, [], [""], [5], null],
      service: [5, null],
      signal: "signal",
    },
    { keytab: realm.keytab("host/server"), realms: ["TEST.EXAMPLE"] },
  ),
};

const leanKinds = {
  ...kinds.remctl,
  ...kinds.tickets,
  ...kinds.exchange,
  credentials: kinds.credentials,
  armor: [5, { MARKER }, MARKER, null],
  kdc: "servers",
  transports: [5, { MARKER }, [5], [MARKER], null],
  names: [5, { MARKER }, MARKER, { krbError: () => "" }, null],
  directTicket: "flag",
  rejectedSecretRestSeconds: "from0",
} as const;

const smallClient = lean.createClient(good);

export const leanRows: RowsOf<typeof lean> = {
  createClient: row<lean.LeanClientOptions>((options) => lean.createClient(options), leanKinds, good),
  impersonate: row<lean.ImpersonateOptions>((options) => lean.impersonate(smallClient, "alice@R", options), {
    signal: "signal",
    enctypes: "anyEnctypes",
  }),
  pool: row<lean.PoolOptions>((options) => lean.pool(smallClient, options), kinds.pool),
  runOnHosts: row<lean.HostsOptions>((options) => lean.runOnHosts(smallClient, ["server"], ["ping"], options), {
    ...kinds.remctl,
    ...kinds.many,
  }),
};

export const leanNodeRows: RowsOf<typeof leanNode> = {
  ...leanRows,
  createClient: row<lean.LeanClientOptions>((options) => leanNode.createClient(options), leanKinds, good),
};

const serviceTicket = {
  signal: "signal",
  enctypes: "anyEnctypes",
  cachedOnly: "flag",
  noStore: "flag",
  userToUser: kinds.ticket,
  armor: kinds.ticket,
  pac: wrongPac,
} as const;
const s4u = { signal: "signal", enctypes: "anyEnctypes" } as const;
const change = { signal: "signal", target: "principal" } as const;

/** The methods of a client. */
export const clientRows: RowsOf<main.RemctlClient> = {
  getTicket: row<ServiceTicketOptions>((options) => client.getTicket("host/server", options), serviceTicket),
  getForwardedTicket: row<main.GetTicketOptions>((options) => client.getForwardedTicket(options), { signal: "signal" }),
  connect: row<main.RemctlOptions>((options) => client.connect("server", options), kinds.remctl),
  remctl: row<main.RemctlOptions>((options) => client.remctl("server", ["ping"], options), kinds.remctl),
  stream: row<main.RemctlOptions>((options) => client.stream("server", ["ping"], options), kinds.remctl),
  impersonate: row<main.ImpersonateOptions>((options) => client.impersonate("alice@R", options), s4u),
  changePassword: row<PasswordChangeOptions>((options) => client.changePassword(MARKER, options), change),
  pool: row<main.PoolOptions>((options) => client.pool(options), kinds.pool),
  runOnHosts: row<main.HostsOptions>((options) => client.runOnHosts(["server"], ["ping"], options), {
    ...kinds.remctl,
    ...kinds.many,
  }),
};

const wait = { ...kinds.call, waitTimeoutMs: "above0" } as const;

export const poolRows: RowsOf<main.RemctlPool> = {
  run: row<main.PoolRunOptions>((options) => pool.run("server", ["ping"], options), {
    ...wait,
    maxOutputBytes: "whole0",
  }),
  stream: row<main.PoolCallOptions>((options) => pool.stream("server", ["ping"], options), wait),
  withSession: row<main.PoolCallOptions>((options) => pool.withSession("server", () => 0, options), wait),
  close: row<{ readonly graceMs?: number | undefined }>((options) => pool.close(options), { graceMs: "from0" }),
  target: row<main.RemctlTarget>(
    // A string is a target too.
    (target) => pool.run({ ...target }, ["ping"]),
    { host: "host", port: "port", service: "text", principal: "text" },
    { host: "server" },
  ),
};

export const sessionRows: RowsOf<main.RemctlSession> = {
  run: row<main.RunOptions>((options) => session.run(["ping"], options), {
    ...kinds.call,
    isLast: "flag",
    maxOutputBytes: "whole0",
  }),
  stream: row<main.StreamOptions>((options) => session.stream(["ping"], options), { ...kinds.call, isLast: "flag" }),
  noop: row<main.CallOptions>((options) => session.noop(options), kinds.call),
};

const refresh = { signal: "signal", addresses: "objects" } as const;

export const kerberosRows: RowsOf<main.Kerberos> = {
  login: row<LoginOptions>((options) => kerberos.login(alice, options), {
    ...kinds.tickets,
    service: "principal",
    startTime: "date",
    addresses: "objects",
    enctypes: "anyEnctypes",
    disabledPreauth: [MARKER, [MARKER], [2 ** 31], [1.5], null],
    preferredPreauth: [MARKER, [MARKER], [2 ** 31], [1.5], null],
    kdcOptions: [MARKER, -1, 1.5, 2 ** 32, null],
    signal: "signal",
  }),
  getServiceTicket: row<main.WalkTicketOptions & main.KeptTickets>(
    (options) => kerberos.getServiceTicket(ticket, "host/server@TEST.EXAMPLE", options),
    { ...kinds.tickets, ...s4u, kept: "callback", userToUser: kinds.ticket, armor: kinds.ticket, pac: wrongPac },
  ),
  impersonate: row<Pick<ServiceTicketOptions, "enctypes" | "signal"> & main.KeptTickets>(
    (options) => kerberos.impersonate(ticket, { name: main.parsePrincipal("alice@R") }, options),
    { ...s4u, kept: "callback" },
  ),
  actFor: row<Pick<ServiceTicketOptions, "enctypes" | "signal"> & main.KeptTickets>(
    (options) => kerberos.actFor(ticket, ticket, "host/server@TEST.EXAMPLE", options),
    { ...s4u, kept: "callback" },
  ),
  renew: row<RefreshOptions>((options) => kerberos.renew(ticket, options), refresh),
  validate: row<RefreshOptions>((options) => kerberos.validate(ticket, options), refresh),
  forward: row<RefreshOptions>((options) => kerberos.forward(ticket, options), refresh),
  changePassword: row<PasswordChangeOptions>((options) => kerberos.changePassword(alice, MARKER, options), change),
};

export { credentials, drivers, fast, lean, leanNode, main, npmKerberos, pkinit, postgres };
