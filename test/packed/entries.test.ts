// What each entry exports at run time: these names and no others. A name is added here on purpose, when users need it.

import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, it } from "vitest";
import { build } from "../../tools/pack/index.mjs";
import { ensurePacked, PROJECT } from "../../tools/pack/project.mjs";

const run = promisify(execFile);
beforeAll(ensurePacked, 120_000);

const errors = [
  "ConfigError",
  "CredentialError",
  "CryptoError",
  "DecodeError",
  "GssError",
  "KdcError",
  "KerberosError",
  "PasswordChangeError",
  "PreauthError",
  "ProtocolError",
  "RemctlError",
  "RemctlProtocolError",
  "RemctlServerError",
  "ServiceError",
  "TransportError",
  "UnsupportedError",
  "isKerberosError",
  "isSafeToRetry",
];

/** What a client can leave out of its bundle. */
const optionalParts = ["streamedArguments", "streamedOutput", "version1"];

/** For mechanisms of pre-authentication of one's own. */
const preauth = ["encTimestamp", "hintFor", "longTermReplyKey"];

const entries: Readonly<Record<string, readonly string[]>> = {
  "krb5-remctl": [
    ...errors,
    ...preauth,
    ...optionalParts,
    "REMCTL_ERROR",
    "anonymous",
    "ccache",
    "certificate",
    "contentsOfLogin",
    "createClient",
    "createKerberos",
    "createPool",
    "delegatedCredentials",
    "formatPrincipal",
    "fromEnvironment",
    "interactive",
    "keytab",
    "parseKrb5Conf",
    "parsePrincipal",
    "password",
    "remctl",
    "remctlErrorName",
    "runOnHosts",
    "verifyPassword",
  ],
  "krb5-remctl/credentials": [
    "CredentialError",
    "DecodeError",
    "KerberosError",
    "KeyBlock",
    "Keytab",
    "MemoryCaches",
    "cacheHost",
    "ccache",
    "configValue",
    "contentsOfLogin",
    "createStoreCache",
    "credential",
    "credentialOfTicket",
    "decodeCcacheFile",
    "decodeKeytab",
    "encodeCcacheFile",
    "encodeKeytab",
    "findCredential",
    "fromEnvironment",
    "isKerberosError",
    "keytab",
    "keytabSecret",
    "memoryStore",
    "openCache",
    "openCollection",
    "password",
    "passwordSecret",
    "readKeytabFile",
    "redisStore",
    "ticketOfCredential",
    "unstorageStore",
    "workersKvStore",
    "writeKeytabFile",
  ],
  "krb5-remctl/drivers": [
    "isKerberosError",
    "kafkajs",
    "ldapSocket",
    "mysql2Gssapi",
    "nodemailerGssapi",
    "platformaticKafka",
  ],
  "krb5-remctl/fast": ["encryptedChallenge", "fast", "isKerberosError"],
  "krb5-remctl/gssapi": [
    "GssError",
    "KerberosError",
    "createAcceptor",
    "createEncTypeSet",
    "createInitiator",
    "createReplayCache",
    "fileReplayCache",
    "formatPrincipal",
    "isKerberosError",
    "keytabKeys",
    "storeReplayCache",
    "tlsExporter",
    "tlsServerEndPoint",
  ],
  "krb5-remctl/http": [
    "NegotiateStrategy",
    "createKdcProxy",
    "createNegotiateServer",
    "createNegotiator",
    "expressNegotiate",
    "fastifyNegotiate",
    "honoNegotiate",
    "isKerberosError",
    "negotiateFetch",
    "negotiateInterceptor",
    "nodeConnections",
    "proxyAgents",
    "proxyConnector",
  ],
  "krb5-remctl/kerberos": [
    "GSS_C_ANON_FLAG",
    "GSS_C_CONF_FLAG",
    "GSS_C_DELEG_FLAG",
    "GSS_C_INTEG_FLAG",
    "GSS_C_MUTUAL_FLAG",
    "GSS_C_NO_OID",
    "GSS_C_PROT_READY_FLAG",
    "GSS_C_REPLAY_FLAG",
    "GSS_C_SEQUENCE_FLAG",
    "GSS_C_TRANS_FLAG",
    "GSS_MECH_OID_KRB5",
    "GSS_MECH_OID_SPNEGO",
    "Kerberos",
    "NativeError",
    "checkPassword",
    "configure",
    "default",
    "definedNapiVersion",
    "initializeClient",
    "initializeServer",
    "module.exports",
    "principalDetails",
    "version",
  ],
  "krb5-remctl/kerberos/register": [],
  "krb5-remctl/lean": [
    ...errors,
    ...optionalParts,
    ...preauth,
    "actFor",
    "createClient",
    "httpsProxy",
    "impersonate",
    "pool",
    "registeredNames",
    "runOnHosts",
  ],
  "krb5-remctl/lean/node": [
    ...errors,
    ...optionalParts,
    ...preauth,
    "actFor",
    "createClient",
    "httpsProxy",
    "impersonate",
    "pool",
    "registeredNames",
    "runOnHosts",
  ],
  "krb5-remctl/legacy-enctypes": [
    "arcfourHmac",
    "camellia128CtsCmac",
    "camellia256CtsCmac",
    "des3CbcSha1",
    "isKerberosError",
  ],
  "krb5-remctl/legacy-tokens": ["arcfourTokens", "isKerberosError"],
  "krb5-remctl/pac": [
    "PAC_TYPE",
    "decodePac",
    "findPac",
    "isKerberosError",
    "openPacCredentials",
    "sidsOfLogon",
    "ticketAuthorization",
    "verifyPac",
  ],
  "krb5-remctl/otp": ["interactive", "isKerberosError", "otp"],
  "krb5-remctl/pkinit": ["anonymous", "certificate", "isKerberosError", "pkinit"],
  "krb5-remctl/sasl": ["createSaslClient", "createSaslServer", "isKerberosError", "saslDuplex"],
  "krb5-remctl/postgres": ["gssStream", "isKerberosError", "postgresSocket"],
  "krb5-remctl/server": ["REMCTL_ERROR", "createRemctlServer", "isKerberosError"],
  "krb5-remctl/spake": ["edwards25519", "isKerberosError", "p256", "p384", "p521", "spake"],
  "krb5-remctl/spnego": [
    "GssError",
    "KerberosError",
    "createNegotiationHints",
    "createSpnegoAcceptor",
    "createSpnegoInitiator",
    "describeToken",
    "formatPrincipal",
    "isKerberosError",
  ],
  "krb5-remctl/testing": ["createTestRealm", "isKerberosError"],
  "krb5-remctl/websocket": ["isKerberosError", "webSocketDial", "webSocketStream"],
};

it.each(Object.entries(entries))("%s", async (subpath, names) => {
  const program = `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(subpath)}))))`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { cwd: PROJECT });
  expect(JSON.parse(stdout).sort()).toEqual([...names].sort());
});

it("a bundle for Workers gets krb5-remctl/lean/node without Node's sockets, and with the same names", async () => {
  const subpath = "krb5-remctl/lean/node";
  const program = `console.log(JSON.stringify([import.meta.resolve("${subpath}"), Object.keys(await import("${subpath}"))]))`;
  const options = ["--conditions=workerd", "--input-type=module", "-e", program];
  const { stdout } = await run(process.execPath, options, { cwd: PROJECT });
  const [file, names] = JSON.parse(stdout);
  expect(file).toMatch(/\/entry\/lean\/node-workerd\.js$/);
  expect(names.sort()).toEqual([...(entries[subpath] ?? [])].sort());

  const used = (conditions: string[]) =>
    build({
      stdin: { contents: `export { createClient } from "${subpath}";`, resolveDir: PROJECT },
      bundle: true,
      format: "esm",
      conditions,
      write: false,
    }).then(({ outputFiles: [bundle] }) => bundle?.text.includes('"node:net"'));
  expect(await used(["workerd", "worker", "browser"])).toBe(false);
  expect(await used(["worker", "browser"])).toBe(true);
});

it("that is every entry", async () => {
  const { default: manifest } = await import(path.join(PROJECT, "node_modules", "krb5-remctl", "package.json"), {
    with: { type: "json" },
  });
  const subpaths = Object.keys(manifest.exports).filter((one) => one !== "./package.json");
  expect(subpaths.map((one) => path.posix.join("krb5-remctl", one)).sort()).toEqual(Object.keys(entries).sort());
});
