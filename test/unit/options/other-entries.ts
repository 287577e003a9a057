import * as caches from "../../../src/entry/credentials.ts";
import * as gssapi from "../../../src/entry/gssapi.ts";
import * as http from "../../../src/entry/http.ts";
import { parsePrincipal } from "../../../src/entry/index.ts";
import * as sasl from "../../../src/entry/sasl.ts";
import * as remctlServer from "../../../src/entry/server.ts";
import * as spnego from "../../../src/entry/spnego.ts";
import * as testing from "../../../src/entry/testing.ts";
import * as websocket from "../../../src/entry/websocket.ts";
import { contextPair, encTypes } from "../gssapi/pair.ts";
import { type RowsOf, row } from "./case.ts";
import { KINDS, MARKER } from "./kinds.ts";
import { client, realm, server } from "./world.ts";

const principal = parsePrincipal("alice@TEST.EXAMPLE");
const octets = realm.ccache("alice");
const keytabOctets = realm.keytab("host/server");
const keytab = caches.decodeKeytab(keytabOctets);
const store = caches.memoryStore();
const key = new Uint8Array(32);
const cache = caches.createStoreCache({ store, key, principal });
const contents = { principal, credentials: [] };
const host = caches.cacheHost();

const hostKinds = {
  files: "object",
  connectUnix: "callback",
  randomBytes: "callback",
  memory: "object",
  trustOwner: "whole0",
  kcmSocket: "text",
  onTrace: "callback",
} as const;

export const credentialsRows: RowsOf<typeof caches> = {
  ccache: row<caches.CacheChoice>((options) => caches.ccache(undefined, options), { principal: "principal" }),
  fromEnvironment: row<caches.CacheChoice>((options) => caches.fromEnvironment(options), { principal: "principal" }),
  openCache: row<caches.CacheHost>((options) => caches.openCache("FILE:/nowhere", options), hostKinds, host),
  openCollection: row<caches.CacheHost>((options) => caches.openCollection("DIR:/nowhere", options), hostKinds, host),
  readKeytabFile: row<caches.KeytabReadOptions & { readonly host?: caches.CacheHost }>(
    (options) => caches.readKeytabFile("/nowhere", options),
    { endian: "word", onWarning: "callback", host: "object" },
  ),
  writeKeytabFile: row<caches.CacheHost>(
    (options) => caches.writeKeytabFile("/no/where", keytab, options),
    hostKinds,
    host,
  ),
  decodeKeytab: row<caches.KeytabReadOptions>((options) => caches.decodeKeytab(keytabOctets, options), {
    endian: "word",
    onWarning: "callback",
  }),
  decodeCcacheFile: row<caches.CcacheReadOptions>((options) => caches.decodeCcacheFile(octets, options), {
    endian: "word",
    allowStrayEnd: "flag",
  }),
  findCredential: row<caches.CredentialQuery>(
    (query) => caches.findCredential({ credentials: [] }, query),
    { server: "parsed", client: "parsed", at: "date", enctypes: "anyEnctypes" },
    { server: principal },
  ),
  password: row<caches.PasswordOptions>((options) => caches.password("alice@R", MARKER, options), { salt: "string" }),
  passwordSecret: row<caches.PasswordSecretOptions>((options) => caches.passwordSecret(principal, MARKER, options), {
    salt: "string",
    maxIterations: "whole1",
    allowWeakIterations: "flag",
  }),
  ticketOfCredential: row<{ readonly clockOffsetMs?: number }>(
    (options) => caches.ticketOfCredential({} as caches.Credential, encTypes, options),
    { clockOffsetMs: [MARKER, Number.NaN, Number.POSITIVE_INFINITY, null] },
  ),
  createStoreCache: row<caches.StoreCacheOptions>(
    (options) => caches.createStoreCache(options),
    {
      store: [MARKER, {}, new Map([[MARKER, MARKER]]).keys(), null],
      key: [MARKER, new Uint8Array(5), [MARKER], [], null],
      principal: "parsed",
      secret: "octets",
      notBefore: "date",
      prefix: "string",
      randomBytes: "callback",
      restSeconds: "from0",
      lockSeconds: "from0",
      onTrace: "callback",
    },
    { store, key, principal },
  ),
};

const signal = { signal: "signal" } as const;

export const storeCacheRows: RowsOf<caches.StoreCache> = {
  read: row<caches.CacheOptions>((options) => cache.read(options), signal),
  destroy: row<caches.CacheOptions>((options) => cache.destroy(options), signal),
  initialize: row<caches.CacheOptions>((options) => cache.initialize(contents, options), signal),
  store: row<caches.CacheOptions>((options) => cache.store({} as caches.Credential, options), signal),
  remove: row<caches.CacheOptions>((options) => cache.remove(() => true, options), signal),
  setConfig: row<caches.CacheOptions>((options) => cache.setConfig({ key: "k", value: undefined }, options), signal),
  acquire: row<caches.AcquireOptions>(
    (options) => cache.acquire(options),
    { ...signal, isFresh: "callback", obtain: "callback", mayRest: "callback" },
    { isFresh: () => true, obtain: () => Promise.reject(new Error("not asked")) },
  ),
};

const query = { principal: "parsed", kvno: "whole0", etype: "int32", enctypes: "anyEnctypes" } as const;

export const keytabRows: RowsOf<caches.Keytab> = {
  find: row<caches.KeytabQuery>((wanted) => keytab.find(wanted), query, { principal }),
  get: row<caches.KeytabQuery>((wanted) => keytab.get(wanted), query, { principal }),
  findAll: row<caches.KeytabQuery>((wanted) => keytab.findAll(wanted), query, { principal }),
};

const wrongTokens = [MARKER, { MARKER }, null];

const context = {
  channelBindings: [MARKER, { MARKER }, { applicationData: MARKER }, null],
  enctypes: "enctypes",
  legacyTokens: wrongTokens,
  now: "callback",
  onTrace: "callback",
} as const;

const wrongTicket = [5, "", { MARKER }, MARKER, null];

const accepting = {
  authorizationData: [MARKER, { MARKER }, null],
  keytab: [MARKER, 5, {}, null],
  service: ["", [], [MARKER, 5], { MARKER }, 5, null],
  requireChannelBindings: "flag",
  replayCache: [MARKER, { MARKER }, null],
  skewSeconds: "from0",
} as const;

const initiating = {
  ...context,
  target: ["", "host", 5, { MARKER }, null],
  credential: [MARKER, { MARKER }, null],
  flags: [MARKER, { mutual: MARKER }, { delegation: MARKER }, { mutualy: MARKER }, null],
  announceChannelBindings: "flag",
  clock: [MARKER, { MARKER }, null],
} as const;

const subkeyEnctype = [MARKER, { MARKER }, 99.5, null] as const;

export const spnegoRows: RowsOf<typeof spnego> = {
  createSpnegoInitiator: row<spnego.SpnegoInitiatorOptions>(
    (options) => spnego.createSpnegoInitiator(options),
    { ...initiating, requireMic: "flag", microsoftOidFirst: "flag" },
    { target: "host@server", credential: client },
  ),
  createSpnegoAcceptor: row<spnego.SpnegoAcceptorOptions>(
    (options) => spnego.createSpnegoAcceptor(options),
    {
      ...context,
      ...accepting,
      ticket: wrongTicket,
      takeDelegation: "flag",
      subkeyEnctype,
      acceptRaw: "flag",
      requireMic: "flag",
    },
    { keytab: keytabOctets },
  ),
};

export const gssapiRows: RowsOf<typeof gssapi> = {
  createInitiator: row<gssapi.InitiatorOptions>((options) => gssapi.createInitiator(options), initiating, {
    target: "host@server",
    credential: client,
  }),
  createAcceptor: row<gssapi.AcceptorOptions>(
    (options) => gssapi.createAcceptor(options),
    { ...context, ...accepting, ticket: wrongTicket, takeDelegation: "flag", subkeyEnctype },
    { keytab: keytabOctets },
  ),
  createEncTypeSet: row<gssapi.EncTypeSetOptions>((options) => gssapi.createEncTypeSet([17], options), {
    runtime: "object",
  }),
  createReplayCache: row<gssapi.ReplayCacheOptions>((options) => gssapi.createReplayCache(options), {
    skewSeconds: "from0",
    maxEntries: "from0",
    lostBefore: "date",
  }),
  fileReplayCache: row<gssapi.FileReplayCacheOptions>((options) => gssapi.fileReplayCache("/nowhere", options), {
    skewSeconds: "from0",
    maxEntries: "from0",
    lostBefore: "date",
  }),
  storeReplayCache: row<gssapi.StoreReplayCacheOptions>(
    (options) => gssapi.storeReplayCache(options),
    { store: "object", prefix: "string" },
    { store },
  ),
};

const negotiating = {
  credential: [MARKER, { MARKER }, null],
  origins: [MARKER, { MARKER }, 5, [5], ["http://a/b"], null],
  preemptive: "word",
  mutual: "word",
  target: "callback",
  delegation: ["always", true, 5, null],
  useSpnego: "flag",
  enctypes: "enctypes",
  now: "callback",
  onTrace: "callback",
} as const;
const negotiateGood = { credential: client, origins: ["https://www.test.example"] };
const { credential, preemptive, mutual, useSpnego, enctypes, now, onTrace } = negotiating;
const proxying = {
  ...{ credential, preemptive, mutual, useSpnego, enctypes, now, onTrace },
  url: [MARKER, { MARKER }, 5, "http://a/b", "http://MARKER:MARKER@a", null],
  target: [5, null],
  trustAnchors: ["", 5, [5], [""], null],
  runtime: "object",
} as const;
const proxyGood = { credential: client, url: "http://proxy.test.example" };
const webKeytab = realm.keytab("HTTP/web");

export const httpRows: RowsOf<typeof http> = {
  negotiateFetch: row<http.NegotiateFetchOptions>(
    (options) => http.negotiateFetch(options),
    { ...negotiating, fetch: "callback", ownsConnections: "flag", connections: [MARKER, { MARKER }, null] },
    negotiateGood,
  ),
  negotiateInterceptor: row<http.NegotiateInterceptorOptions>(
    (options) => http.negotiateInterceptor(options),
    { ...negotiating, ownsConnections: "flag" },
    negotiateGood,
  ),
  nodeConnections: row<http.NodeConnectionsOptions>((options) => http.nodeConnections(options), {
    proxy: [MARKER, { MARKER }, { url: MARKER }, {}, null],
    trustAnchors: ["", 5, [5], [""], null],
    runtime: "object",
  }),
  proxyAgents: row<http.ProxyAgentOptions>((options) => http.proxyAgents(options), proxying, proxyGood),
  proxyConnector: row<http.ProxyAgentOptions>((options) => http.proxyConnector(options), proxying, proxyGood),
  createNegotiator: row<http.NegotiateOptions>((options) => http.createNegotiator(options), negotiating, negotiateGood),
  createKdcProxy: row<http.KdcProxyOptions>(
    (options) => http.createKdcProxy(options),
    {
      realms: [MARKER, 5, { R: MARKER }, { R: {} }, { R: { kdc: "name" } }, { R: { kdc: [5] } }, null],
      limit: "callback",
      allowedOrigins: [MARKER, [5], ["*"], null],
      timeoutMs: "above0",
      dial: "callback",
      onTrace: "callback",
      runtime: "object",
    },
    { realms: { R: { kdc: "192.0.2.88" } } },
  ),
  createNegotiateServer: row<http.NegotiateServerOptions>(
    (options) => http.createNegotiateServer(options),
    {
      ...accepting,
      channelBindings: context.channelBindings,
      legacyTokens: wrongTokens,
      requireChannelBindings: "flag",
      takeDelegation: "flag",
      enctypes: "enctypes",
      now: "callback",
      onTrace: "callback",
      acceptRaw: "flag",
      maxTokenBytes: "whole1",
      fallback: [MARKER, [5], [""], ["a\nb"], null],
      allowedOrigins: [MARKER, [5], ["*"], null],
      allowAnonymous: "flag",
      bindConnections: "flag",
      isSecure: "callback",
      onRefused: "callback",
      runtime: "object",
    },
    { keytab: webKeytab },
  ),
};

const { initiator } = await contextPair();

export const contextRows: RowsOf<gssapi.SecurityContext> = {
  step: row<{ readonly signal?: AbortSignal }>((options) => initiator.step(undefined, options), signal),
  wrap: row<gssapi.WrapOptions>((options) => initiator.wrap(octets, options), { conf: "flag" }),
  unwrap: row<gssapi.UnwrapOptions>((options) => initiator.unwrap(octets, options), {
    requireConf: "flag",
    farewell: "octets",
  }),
  wrapSizeLimit: row<gssapi.WrapOptions>((options) => initiator.wrapSizeLimit(99, options), { conf: "flag" }),
};

const mechanical = {
  mechanism: "word",
  layers: [MARKER, [], ["none", MARKER], { MARKER }, null],
  tls: "flag",
  channelBindings: "octets",
  maxReceiveBytes: [...KINDS.whole1, 1023, 2 ** 24],
  spnego: "callback",
} as const;
const { channelBindings: _, ...unbound } = context;
const saslGood = { service: "host", host: "server", credential: client };

export const saslRows: RowsOf<typeof sasl> = {
  createSaslClient: row<sasl.SaslClientOptions>(
    (options) => sasl.createSaslClient(options),
    {
      ...unbound,
      ...mechanical,
      service: "text",
      host: "text",
      target: ["", "host", 5, { MARKER }, null],
      credential: [MARKER, { MARKER }, null],
      authorizationId: [...KINDS.text, "a\0b", "\ud800"],
    },
    saslGood,
  ),
  createSaslServer: row<sasl.SaslServerOptions>(
    (options) => sasl.createSaslServer(options),
    {
      ...unbound,
      ...accepting,
      ...mechanical,
      ticket: wrongTicket,
      takeDelegation: "flag",
      subkeyEnctype: [MARKER, { MARKER }, 99.5, null],
      authorize: "callback",
    },
    { keytab: keytabOctets },
  ),
};

const saslClient = sasl.createSaslClient(saslGood);
const saslServer = sasl.createSaslServer({ keytab: keytabOctets });

export const saslClientRows: RowsOf<sasl.SaslClient> = {
  step: row<sasl.SaslStepOptions>((options) => saslClient.step(undefined, options), signal),
  finish: row<sasl.SaslStepOptions>((options) => saslClient.finish(octets, options), signal),
};

export const saslServerRows: RowsOf<sasl.SaslServer> = {
  step: row<sasl.SaslStepOptions>((options) => saslServer.step(undefined, options), signal),
};

const one = { command: "a", subcommand: "b", acl: [], handler: () => 0 };
const serverGood = { keytab: keytabOctets, commands: [] };
const limit = "whole1";
const place = { port: "portOrAny" } as const;

export const serverRows: RowsOf<typeof remctlServer> = {
  createRemctlServer: row<remctlServer.RemctlServerOptions>(
    (options) => remctlServer.createRemctlServer(options),
    {
      ...accepting,
      channelBindings: context.channelBindings,
      legacyTokens: wrongTokens,
      now: "callback",
      commands: "objects",
      enctypes: "enctypes",
      version1: "word",
      requireReplayProtection: "flag",
      maxArguments: limit,
      maxCommandBytes: limit,
      maxBufferedBytes: limit,
      maxConnections: limit,
      maxConnectionsPerUser: limit,
      maxErrors: limit,
      handshakeTimeoutMs: "above0",
      commandTimeoutMs: "above0",
      idleTimeoutMs: "above0",
      closeGraceMs: "from0",
      onTrace: "callback",
      onError: "callback",
      runtime: "object",
    },
    serverGood,
  ),
  command: row<remctlServer.RemctlCommand>(
    (command) => remctlServer.createRemctlServer({ ...serverGood, commands: [command] }),
    {
      command: [5, { MARKER }, "a\0", null],
      subcommand: [5, { MARKER }, "a\0", null],
      acl: [MARKER, { MARKER }, null],
      summary: [5, { MARKER }, null],
      help: [5, { MARKER }, null],
      logmask: [MARKER, [0], [""], [{ MARKER }], null],
      handler: "callback",
    },
    one,
    "commands[0].",
  ),
};

/** A dial takes names that it does not know. */
export const serverMethodRows: RowsOf<Omit<remctlServer.RemctlServer, "dial">> = {
  listen: row<remctlServer.ServerListenOptions>((options) => server.listen(options), { ...place, host: "host" }),
  accept: row<remctlServer.ServerPeer>(
    (peer) => server.accept({ readable: new ReadableStream(), writable: new WritableStream() }, peer),
    {
      ...place,
      address: "text",
    },
  ),
};

const seconds = ["S3", null, 0.5, -(2 ** 40), 2 ** 53, Number.NaN];
const policy = {
  spakeGroups: [MARKER, [MARKER], [0], [5], null],
  spakeChallenge: [MARKER, -1, 5, 0.5, null],
  allowAnonymous: "flag",
  pkinitDhMinBits: [MARKER, 1024, 8192, 2048.5, null],
  requireFreshness: "flag",
  requireChecksum2: "flag",
  requirePreauth: "flag",
  requireCookie: "flag",
  clockSkewSeconds: "from0",
  clockOffsetSeconds: [MARKER, null, Number.NaN, Number.POSITIVE_INFINITY],
  ticketLifetimeSeconds: seconds,
  renewLifetimeSeconds: seconds,
  allowForwardable: "flag",
  allowProxiable: "flag",
  maxFailures: "whole0",
  domainSid: [MARKER, "S-1-2-4294967296x", 5, null],
  maxDatagramBytes: "from0",
} as const;

const changes = {
  aliases: "texts",
  expires: "date",
  passwordExpires: "date",
  isLocked: "flag",
  requires: [MARKER, [MARKER], [5], null],
  otp: [MARKER, {}, { codes: MARKER }, { codes: [MARKER], pin: 5 }, { codes: [MARKER], newPin: 5 }, null],
  requirePreauth: "flag",
  allowTickets: "flag",
  isTrustedForDelegation: "flag",
  delegatesTo: "texts",
  takesDelegationFrom: "texts",
  isTrustedToAuthenticate: "flag",
  isNotDelegated: "flag",
  requiresUserToUser: "flag",
  sid: [MARKER, "", 5, null],
  groups: [MARKER, [MARKER], [5], null],
} as const;

export const testingRows: RowsOf<typeof testing> = {
  createTestRealm: row<testing.TestRealmOptions>(
    (options) => testing.createTestRealm(options),
    {
      ...policy,
      enctypes: "enctypes",
      preauth: [MARKER, [MARKER], [5], null],
      realm: ["", "A B", 5, { MARKER }, null],
      principals: "object",
      trusts: [MARKER, [MARKER], [{ MARKER }], null],
      faults: [MARKER, [MARKER], null],
      now: "callback",
    },
    { realm: "OTHER.EXAMPLE", enctypes: [17] },
  ),
};

const uint32 = [MARKER, 0, -1, 1.5, 2 ** 32, Number.NaN, null];

export const realmRows: RowsOf<Omit<testing.TestRealm, "dial">> = {
  handle: row<{ readonly transport: "tcp" | "udp" }>((options) => realm.handle(octets, options), { transport: "word" }),
  listen: row<{ readonly port?: number }>((options) => realm.listen(options), place),
  addPrincipal: row<testing.TestPrincipalOptions>((options) => realm.addPrincipal("bob", options), {
    ...changes,
    password: "string",
    salt: "string",
    iterations: uint32,
    enctypes: "enctypes",
    kvno: uint32,
  }),
  changePrincipal: row<testing.PrincipalChange>((options) => realm.changePrincipal("alice", options), changes),
  setPassword: row<{ readonly passwordExpires?: Date }>((options) => realm.setPassword("alice", MARKER, options), {
    passwordExpires: "date",
  }),
  setPolicy: row<Partial<Omit<testing.KdcPolicy, "enctypes" | "preauth">>>(
    (options) => realm.setPolicy(options),
    policy,
  ),
  fault: row<testing.FaultTarget & { readonly name: "drop" }>(
    (fault) => realm.fault(fault),
    { name: "word", on: "word", count: "whole1" },
    { name: "drop" },
  ),
  keytab: row<{ readonly history?: boolean }>((options) => realm.keytab("alice", options), { history: "flag" }),
  certificate: row<testing.TestCertificateOptions>((options) => realm.certificate("alice", options), {
    algorithm: "word",
    names: "texts",
    isForClients: "flag",
    notBefore: "date",
    notAfter: "date",
  }),
  ccache: row<testing.CcacheOptions>((options) => realm.ccache("alice", options), {
    lifetimeSeconds: "from1",
    renewLifetimeSeconds: "from1",
    forwardable: "flag",
    proxiable: "flag",
    enctypes: "enctypes",
    services: "texts",
  }),
  krb5Conf: row<testing.Krb5ConfOptions>((options) => realm.krb5Conf(options), {
    for: "word",
    transport: "word",
    libdefaults: [MARKER, [5], null],
  }),
};

export const websocketRows: RowsOf<typeof websocket> = {
  webSocketDial: row<websocket.WebSocketDialOptions>((options) => websocket.webSocketDial("wss://proxy/", options), {
    protocols: "texts",
    WebSocket: "callback",
    maxUnreadBytes: "from1",
    maxUnsentBytes: "from1",
  }),
  webSocketStream: row<websocket.WebSocketStreamOptions>(
    (options) => websocket.webSocketStream({ readyState: 0, send() {}, close() {}, addEventListener() {} }, options),
    { maxUnreadBytes: "from1", maxUnsentBytes: "from1" },
  ),
};

export { caches, gssapi, remctlServer, sasl, spnego, testing, websocket };
