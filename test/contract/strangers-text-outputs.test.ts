// Texts of strangers on their way through the library and the command line: KDCs, DNS, servers, files.

import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { passwordError } from "../../src/client/password/password-result.ts";
import { parseKrb5Conf } from "../../src/config/index.ts";
import { encodeCcacheFile } from "../../src/credentials/ccache/file-format.ts";
import { encodeKeytab } from "../../src/credentials/index.ts";
import { createLocator } from "../../src/discovery/index.ts";
import { createKerberos, password } from "../../src/entry/index.ts";
import type { Fetch } from "../../src/host/index.ts";
import { encodeAsRep, encodeKrbError, type Principal, principal, toPrincipalName } from "../../src/krb5/index.ts";
import { detectRuntime } from "../../src/runtime/index.ts";
import { exchangeWithKdc, parseEndpoint } from "../../src/transport/index.ts";
import { closeError, detailOf } from "../../src/websocket/failure.ts";
import { type CliResult, runCli } from "../support/cli.ts";
import { makeCredential } from "../support/credentials.ts";
import { fakeDns, srv, uri, zone } from "../support/dns-messages.ts";
import { asReq, framed, tcpKdc } from "../support/fake-kdc.ts";
import { failureOf, open } from "../support/remctl-harness.ts";
import { EVIL, expectPlain, expectPlainOutput } from "../support/strangers-text.ts";

const REALM = "EXAMPLE.TEST";
const evil: Principal = principal(EVIL, [EVIL, EVIL]);
const name = toPrincipalName(evil);
const sealed = { etype: 18, kvno: 1, cipher: new Uint8Array(80) };

function krbError(errorCode: number): Uint8Array {
  const stime = new Date();
  return encodeKrbError({
    pvno: 5,
    msgType: 30,
    stime,
    susec: 0,
    errorCode,
    crealm: EVIL,
    cname: name,
    realm: EVIL,
    sname: name,
    eText: EVIL,
  });
}

const asRep = (): Uint8Array =>
  encodeAsRep({
    pvno: 5,
    msgType: 11,
    crealm: EVIL,
    cname: name,
    ticket: { tktVno: 5, realm: EVIL, sname: name, encPart: sealed },
    encPart: sealed,
  } as never);

/** A KDC on loopback that always says the same, and the lines of krb5.conf for it. */
async function kdcThatSays(octets: Uint8Array): Promise<string> {
  const { port } = await tcpKdc((socket) => void socket.write(framed(octets)));
  return `[libdefaults]\n default_realm = ${REALM}\n[realms]\n ${REALM} = {\n  kdc = tcp/127.0.0.1:${port}\n }\n`;
}

function world(conf: string): { readonly env: Record<string, string>; readonly directory: string } {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-strangers-"));
  onTestFinished(() => fs.rmSync(directory, { recursive: true }));
  fs.writeFileSync(path.join(directory, "krb5.conf"), conf);
  const env = {
    KRB5_CONFIG: path.join(directory, "krb5.conf"),
    KRB5CCNAME: `FILE:${path.join(directory, "cc")}`,
    KRB5_KTNAME: `FILE:${path.join(directory, "kt")}`,
    HOME: directory,
  };
  return { env, directory };
}

function expectPlainCommand({ stdout, stderr, everything }: CliResult): void {
  expectPlainOutput(stdout);
  expectPlainOutput(stderr);
  expectPlainOutput(everything);
}

const CODES = [6, 7, 12, 14, 18, 23, 24, 25, 31, 37, 52, 60, 68];

describe("a KDC of strangers", () => {
  it.each([...CODES.map((code) => [`KRB-ERROR ${code}`, krbError(code)] as const), ["AS-REP", asRep()] as const])(
    "%s: errors, their fields and the trace",
    async (_, octets) => {
      const conf = await kdcThatSays(octets);
      const events: unknown[] = [];
      const kerberos = createKerberos({ config: conf, onTrace: (event) => events.push(event) });
      const error = await failureOf(kerberos.login(password(`alice@${REALM}`, "x")));
      expectPlain(error);
      expectPlain(events);
    },
  );

  it.each([6, 23, 24, 25, 37, 68])("KRB-ERROR %i: kinit", async (code) => {
    const { env } = world(await kdcThatSays(krbError(code)));
    const result = await runCli(["kinit", "alice"], { env, input: "x\nx\nx\n" });
    expect(result.status).toBe(1);
    expectPlainCommand(result);
  });

  it.each([1, 2, 3, 4, 5, 7, 99])("a password server's answer %i", (resultCode) => {
    const error = passwordError({ resultCode, octets: new TextEncoder().encode(EVIL) }, false);
    expectPlain(error.message);
    expectPlainOutput(error.serverMessage.replace("\n", " "));
  });
});

describe("DNS of strangers", () => {
  it.each([
    ["SRV", [srv(`_kerberos._tcp.${REALM}`, 0, 0, 88, EVIL)]],
    ["URI", [uri(`_kerberos.${REALM}`, 0, 0, `krb5srv:m:tcp:${EVIL}`)]],
  ])("%s", async (_, records) => {
    const dns = await fakeDns(zone(records));
    const events: unknown[] = [];
    const locator = createLocator({
      config: parseKrb5Conf(""),
      runtime: detectRuntime(),
      dns: dns.address,
      trace: (event) => events.push(event),
      random: () => 0,
    });
    const found: unknown = await locator.kdcs(REALM).catch((error: unknown) => error);
    expectPlain([found, events, "one text"]);
    if (found instanceof Error) expectPlain(found);
  });
});

describe("a proxy of strangers", () => {
  it("an HTTP status line and a type of contents", async () => {
    const server = net.createServer((socket) => {
      socket.on("error", () => {});
      const text = EVIL.replace("\n", "").replace("\r", "");
      socket.once("data", () =>
        socket.end(`HTTP/1.1 403 ${text}\r\nContent-Type: ${text}\r\nContent-Length: 0\r\n\r\n`),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as net.AddressInfo;
    const runtime = detectRuntime();
    const hostFetch = runtime.fetch as Fetch;
    const fetch: Fetch = (address, init) =>
      hostFetch(address.replace(/^https:\/\/proxy\.example\.org(?::443)?/, `http://127.0.0.1:${port}`), init);
    const endpoints = [parseEndpoint("https://proxy.example.org/KdcProxy")];
    const request = asReq();
    const error = await failureOf(
      exchangeWithKdc({ realm: REALM, endpoints, request, runtime, fetch, timeoutMs: 2_000 }),
    );
    expectPlain(error);
  });

  it("a WebSocket's last words", () => {
    expectPlain(closeError(1011, EVIL)?.message);
    expectPlain(detailOf({ message: EVIL }).replaceAll("\n", " "));
  });
});

describe("a remctl server of strangers", () => {
  it("MESSAGE_ERROR: the error, its fields and causes", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.error(99, EVIL);
    });
    const error = await failureOf(session.run(["a", "b"]));
    const { remoteMessage, ...rest } = error as unknown as { remoteMessage: string };
    expectPlain(error.message);
    expectPlain(rest);
    expectPlain(remoteMessage.replaceAll("\n", " "));
  });
});

describe("files of strangers", () => {
  const conf = `[libdefaults]\n default_realm = ${REALM}\n dns_lookup_kdc = false\n`;

  it.each([["klist"], ["klist -f -e -a -n -C"], ["klist -l"], ["kvno host/a"], ["kinit -R"], ["kinit"], ["kdestroy"]])(
    "a cache: %s",
    async (words) => {
      const { env, directory } = world(conf);
      const credentials = [evil, principal(EVIL, ["krbtgt", EVIL])].map((server) =>
        makeCredential(server, { client: evil }),
      );
      fs.writeFileSync(path.join(directory, "cc"), encodeCcacheFile({ principal: evil, credentials }), { mode: 0o600 });
      const result = await runCli(words.split(" "), { env });
      expect(result.stdout + result.stderr).not.toBe(" ");
      expectPlainCommand(result);
    },
  );

  it.each([["klist -k -e -t -K"], ["kinit -k"], ["krb5-remctl keytab list"], ["krb5-remctl doctor"]])(
    "a keytab: %s",
    async (words) => {
      const { env, directory } = world(conf);
      const entry = {
        principal: evil,
        timestamp: new Date(0),
        kvno: 3,
        keyBlock: { etype: 18, octets: new Uint8Array(32) },
      };
      fs.writeFileSync(path.join(directory, "kt"), encodeKeytab([entry]), { mode: 0o600 });
      expectPlainCommand(await runCli(words.split(" "), { env, now: () => 0 }));
    },
  );

  it.each([["kinit alice"], ["klist"], ["krb5-remctl doctor"], ["krb5-remctl doctor --json"]])(
    "a krb5.conf: %s",
    async (words) => {
      const value = EVIL.replaceAll("\n", "").replaceAll("\r", "");
      const lines = `[libdefaults]\n default_realm = ${value}\n default_ccache_name = FILE:/nowhere/${value}\n permitted_enctypes = ${value}\n ${value} = ${value}\n[realms]\n ${value} = {\n  kdc = ${value}\n }\n`;
      const { env } = world(lines);
      const { KRB5CCNAME: _, ...rest } = env;
      expectPlainCommand(await runCli(words.split(" "), { env: rest, input: "x\n" }));
    },
  );

  it("krb5-remctl decode", async () => {
    const { env } = world(conf);
    for (const message of [krbError(6), asRep()]) {
      const input = Buffer.from(message).toString("base64");
      const result = await runCli(["krb5-remctl", "decode"], { env, input });
      expect(result.stdout).toContain("FORGED");
      expectPlainCommand(result);
    }
  });
});
