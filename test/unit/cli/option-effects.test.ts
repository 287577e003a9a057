// Every option of every command changes what somebody outside sees: the outputs, the exit status, a request to a KDC or a
// server, a file, or a line in the trace. Each is run without the option and with it.

import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import session from "../../../krb5-vectors/exchanges/mit-session-18.json" with { type: "json" };
import pkinitExchanges from "../../../krb5-vectors/preauth/pkinit-exchanges.json" with { type: "json" };
import { encodeCcacheFile } from "../../../src/credentials/index.ts";
import {
  type CommandRequest,
  createRemctlServer,
  type RemctlCommand,
  type RemctlServer,
} from "../../../src/entry/server.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { makeCredential } from "../../support/credentials.ts";
import { fakeDns, srv, zone } from "../../support/dns-messages.ts";
import { type EffectWorld, effectsOf } from "../../support/option-effects.ts";
import { COMMANDS, specOf } from "../../support/option-specs.ts";
import { OPTION_ROWS } from "./option-rows.ts";

const shared = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-options-"));
const servers: RemctlServer[] = [];
const silents: net.Server[] = [];
const values: Record<string, string> = {};
const world: EffectWorld = { shared, values };
let realm: TestRealm;

beforeAll(async () => {
  realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    domainSid: "S-1-5-21-1-2-3",
    preauth: ["encrypted-timestamp", "fast", "encrypted-challenge", "pkinit"],
    renewLifetimeSeconds: 259_200,
    principals: {
      alice: { password: "alice-password", aliases: ["alice@corp.example"] },
      bob: { password: "bob-password" },
      "HTTP/web.test.example": { delegatesTo: ["host/srv.test.example"], isTrustedToAuthenticate: true },
      "host/srv.test.example": {},
      "host/127.0.0.1": {},
      "host/localhost": {},
    },
  });
  await realm.listen();
  const put = (name: string, data: string | Uint8Array): void => fs.writeFileSync(path.join(shared, name), data);
  values.PORT = await serve();
  values.OLD_PORT = await serve({ version1: "only" });
  put("krb5.conf", realm.krb5Conf({ transport: "tcp" }));
  const silent = net.createServer();
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const silentPort = (silent.address() as net.AddressInfo).port;
  put(
    "silent.conf",
    `[libdefaults]\n default_realm = TEST.EXAMPLE\n udp_preference_limit = 1\n[realms]\n TEST.EXAMPLE = {\n  kdc = tcp/127.0.0.1:${silentPort}\n }\n`,
  );
  silents.push(silent);
  const defaults = ["forwardable = true", "proxiable = true", "noaddresses = false", "extra_addresses = 127.0.0.1"];
  put("defaults.conf", realm.krb5Conf({ transport: "tcp", libdefaults: defaults }));
  for (const name of ["alice", "bob"]) put(name, realm.keytab(name));
  put("web", realm.keytab("HTTP/web.test.example"));
  put("srv", realm.keytab("host/srv.test.example"));
  put("words", "words of a file");
  put("hosts", "127.0.0.1\nlocalhost\n");
  put("main.js", "");
  const { certificate, key, anchors } = await realm.certificate("alice");
  put("alice.pem", certificate);
  put("alice.key", key);
  put("ca.pem", anchors);
  putSession(put);
});
afterAll(async () => {
  for (const server of servers) await server.close();
  for (const server of silents) server.close();
  await realm.close();
  fs.rmSync(shared, { recursive: true, force: true });
});

async function serve(options: Partial<Parameters<typeof createRemctlServer>[0]> = {}): Promise<string> {
  let running = 0;
  const command = (subcommand: string, say: (request: CommandRequest) => Promise<string> | string): RemctlCommand => ({
    command: "test",
    subcommand,
    acl: ["ANYUSER"],
    handler: async (request) => {
      await request.stdout.write(`${await say(request)}\n`);
      return 0;
    },
  });
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const server = createRemctlServer({
    keytab: realm.keytab(["host/127.0.0.1", "host/localhost", "host/srv.test.example"]),
    commands: [
      command("whoami", ({ user }) => user),
      command("echo", ({ args }) => new TextDecoder().decode(args[0])),
      command("slow", () => wait(1_600).then(() => "at last")),
      command("beside", async () => {
        running++;
        await wait(400);
        const words = `${running} at once`;
        running--;
        return words;
      }),
    ],
    ...options,
  });
  servers.push(server);
  await server.listen({ host: "127.0.0.1", port: 0 });
  return String(server.port);
}

/** Recorded logins at MIT's KDC, and what opens them. */
function putSession(put: (name: string, data: string | Uint8Array) => void): void {
  const framed = (messages: readonly string[]) =>
    Buffer.concat(messages.map((hex) => Buffer.from((hex.length / 2).toString(16).padStart(8, "0") + hex, "hex")));
  put("session", framed(session.kdc.flatMap(({ request, reply }) => [request, reply])));
  const { client, password } = session.inputs;
  const key = { etype: 18, octets: new Uint8Array(Buffer.from(session.tgt.sessionKey, "hex")) };
  put(
    "session.cc",
    encodeCcacheFile({
      principal: parsePrincipal(client),
      credentials: [makeCredential(session.tgt.service, { key })],
    }),
  );
  fs.chmodSync(path.join(shared, "session.cc"), 0o600);
  const [pkinit] = pkinitExchanges.vectors;
  put("pkinit", framed(pkinit?.messages ?? []));
  const pemOf = (one: string): string =>
    one.startsWith("-----")
      ? one
      : `-----BEGIN CERTIFICATE-----\n${Buffer.from(one, "hex").toString("base64")}\n-----END CERTIFICATE-----\n`;
  put("pkinit.pem", (pkinit?.anchors ?? []).map(pemOf).join("\n"));
  Object.assign(values, {
    SESSION_CLIENT: client,
    SESSION_PASSWORD: password,
    SESSION_KEY: `aes256-sha1:${session.tgt.sessionKey}`,
  });
}

/** The command line without its option, and with it. */
function pairOf(lines: string): readonly [plain: string, given: string] {
  return [
    lines.replace(/\{(?:([^{}|]*)\|)?[^{}]*\}/g, (_whole, instead) => instead ?? ""),
    lines.replace(/\{(?:[^{}|]*\|)?([^{}]*)\}/g, "$1"),
  ];
}

it("no option of a command is left out, and none is there twice", () => {
  const options = COMMANDS.flatMap((command) => specOf(command).options.map((option) => `${command} ${option}`));
  expect(OPTION_ROWS.map(([option]) => option).sort()).toEqual([...new Set(options)].sort());
});

it.each(OPTION_ROWS)("%s: %s", async (_, lines, seen) => {
  const [without, given] = pairOf(lines);
  const records = [srv("_remctl._tcp.remctl.test", 0, 0, Number(values.PORT), "a.remctl.test")];
  values.DNS_PORT = (await fakeDns(zone(records))).address.split(":").at(-1) as string;
  const look = (line: string): Promise<string> => effectsOf(line, world);
  const fill = ({ source, flags }: RegExp): RegExp =>
    new RegExp(
      source.replace(/\$([A-Z_]{2,})/g, (_whole, name) => values[name as string] ?? ""),
      flags,
    );
  if ("ends" in seen || "goesOn" in seen) {
    const isWithout = "ends" in seen;
    expect(await look(isWithout ? given : without)).toMatch(isWithout ? fill(seen.ends) : /status 1/);
    const endless = look(isWithout ? without : given);
    const first = await Promise.race([endless, new Promise((resolve) => setTimeout(resolve, 1_500, "goes on"))]);
    process.emit("SIGTERM");
    await endless;
    expect(first).toBe("goes on");
    return;
  }
  const [plain, changed] = [await look(without), await look(given)];
  if ("differs" in seen) {
    const [one, other] = [plain, changed].map((text) => fill(seen.differs).exec(text)?.[0]);
    expect(one).toBeDefined();
    expect(other).toBeDefined();
    expect(one).not.toBe(other);
    return;
  }
  const isShown = seen instanceof RegExp;
  const pattern = fill(isShown ? seen : seen.hides);
  expect(isShown ? changed : plain).toMatch(pattern);
  expect(isShown ? plain : changed).not.toMatch(pattern);
});
