// Every exported function and every method of what they give, called by a machine with values of a wrong kind at each
// place: what it throws is never the engine's own complaint about our source, and shows nothing of what was given.

import os from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import * as caches from "../../../src/entry/credentials.ts";
import * as fast from "../../../src/entry/fast.ts";
import * as gssapi from "../../../src/entry/gssapi.ts";
import * as http from "../../../src/entry/http.ts";
import * as main from "../../../src/entry/index.ts";
import * as npmKerberos from "../../../src/entry/kerberos.ts";
import * as leanNode from "../../../src/entry/lean/node.ts";
import * as lean from "../../../src/entry/lean.ts";
import * as legacy from "../../../src/entry/legacy-enctypes.ts";
import * as legacyTokens from "../../../src/entry/legacy-tokens.ts";
import * as otp from "../../../src/entry/otp.ts";
import * as pac from "../../../src/entry/pac.ts";
import * as pkinit from "../../../src/entry/pkinit.ts";
import * as postgres from "../../../src/entry/postgres.ts";
import * as sasl from "../../../src/entry/sasl.ts";
import * as remctlServer from "../../../src/entry/server.ts";
import * as spake from "../../../src/entry/spake.ts";
import * as spnego from "../../../src/entry/spnego.ts";
import * as testing from "../../../src/entry/testing.ts";
import * as websocket from "../../../src/entry/websocket.ts";
import { contextPair, encTypes } from "../gssapi/pair.ts";
import { MARKER } from "./kinds.ts";
import { client, credentials, kerberos, pool, realm, server, session, ticket } from "./world.ts";

const modules: Readonly<Record<string, object>> = {
  "krb5-remctl": main,
  "/credentials": caches,
  "/fast": fast,
  "/gssapi": gssapi,
  "/http": http,
  "/kerberos": npmKerberos,
  "/lean": lean,
  "/lean/node": leanNode,
  "/legacy-enctypes": legacy,
  "/legacy-tokens": legacyTokens,
  "/otp": otp,
  "/pac": pac,
  "/pkinit": pkinit,
  "/postgres": postgres,
  "/sasl": sasl,
  "/server": remctlServer,
  "/spake": spake,
  "/spnego": spnego,
  "/testing": testing,
  "/websocket": websocket,
};

const octets = new Uint8Array(16);
const parsed = main.parsePrincipal(credentials.principal);
const keytab = caches.decodeKeytab(realm.keytab("host/server"));
const login = { client: parsed, requested: [17], hint: { etype: 17 }, longTermKey: async () => key };
const key = encTypes.importKey(17, octets);
const contents = { principal: parsed, credentials: [], config: [] };

const none = path.join(os.tmpdir(), "krb5-remctl-no-cache-here");
const storeKey = new Uint8Array(32).fill(7);

/** Right arguments, so that a wrong one is met behind them too. */
const right: Readonly<Record<string, readonly unknown[]>> = {
  initialize: [contents],
  setConfig: [{ key: "x", value: octets }],
  remove: [() => false],
  hintFor: ["PA-MINE", login, []],
  longTermReplyKey: [login, { padata: [], etype: 17 }, { etype: 17 }],
  keytab: [credentials.principal, realm.keytab("alice")],
  password: [credentials.principal, "x"],
  passwordSecret: [parsed, "x"],
  keytabSecret: [parsed, keytab],
  configValue: [contents, "x", parsed],
  findCredential: [contents, { server: parsed }],
  KeyBlock: [17, octets],
  ticketOfCredential: [caches.credentialOfTicket(ticket), encTypes],
  writeKeytabFile: ["/no/where"],
  keytabKeys: [keytab, encTypes],
  verifyPassword: [credentials.principal, "x", { keytab, realms: ["TEST.EXAMPLE"] }],
  remctl: ["server", ["ping"]],
  runOnHosts: [["server"], ["ping"]],
  importKey: [encTypes.provider, octets],
  stringToKey: [encTypes.provider, octets, octets],
  handle: [octets, { transport: "tcp" }],
};

const objects: Readonly<Record<string, object>> = {
  client,
  kerberos,
  pool,
  session,
  realm,
  server,
  keytab,
  encTypes,
  key,
  aes: encTypes.get(17),
  aesSha2: encTypes.get(19),
  usageKey: key.usage(3),
  usageKeyOfSha2: encTypes.importKey(19, octets).usage(3),
  memoryStore: caches.memoryStore(),
  memoryCache: caches.openCache("MEMORY:wrong-kinds"),
  fileCache: caches.openCache(`FILE:${none}/cache`),
  dirCache: caches.openCache(`DIR:${none}`),
  namedDirCache: caches.openCache(`DIR::${none}/tkt`),
  kcmCache: caches.openCache("KCM:0"),
  storeCache: caches.createStoreCache({ store: caches.memoryStore(), key: storeKey, principal: parsed }),
  replayCache: gssapi.createReplayCache(),
  ...Object.fromEntries(Object.entries(legacy)),
  ...Object.fromEntries(Object.entries(await contextPair())),
  acceptor: gssapi.createAcceptor({ keytab }),
  spnegoAcceptor: spnego.createSpnegoAcceptor({ keytab } as never),
  saslServer: sasl.createSaslServer({ keytab } as never),
};

/** What V8 and the host say of a value that they cannot use. */
const ENGINE =
  /^Cannot (?:read|set|convert|destructure|mix|create)| is not (?:a function|iterable|a constructor|an? \w*object)$|^Class constructor|private (?:member|field)|^The "\w+" argument must|^Invalid|^Method .* called on|^Reduce of/;

const values: readonly unknown[] = [undefined, null, 5, {}, [], [5], true, MARKER, [MARKER], { MARKER }];
/** What ends the object that the others use, what listens, and what only classes of the package call. */
const LEFT_OUT = /^(?:close|constructor|wipe|forgetDerived|listen|guard|protect)$/;
/** Their first argument is the name of a principal or a host, which errors show: of a host, once it was looked up. */
const SHOWS_NAME = new Set([
  "krb5-remctl remctl",
  "krb5-remctl runOnHosts",
  "/lean runOnHosts",
  "/lean/node runOnHosts",
  "client remctl",
  "client connect",
  "client stream",
  "client impersonate",
  "client getTicket",
  "realm ccache",
  "realm setPassword",
  "realm rotateKey",
]);

interface Callable {
  readonly name: string;
  /** What its source calls each argument. */
  readonly names: readonly string[];
  readonly call: (args: readonly unknown[]) => unknown;
  readonly places: number;
}

function callable(where: string, name: string, value: unknown, self?: object): readonly Callable[] {
  if (typeof value !== "function") return [];
  const isClass = Function.prototype.toString.call(value).startsWith("class");
  const call = (args: readonly unknown[]): unknown =>
    isClass ? Reflect.construct(value, args) : Reflect.apply(value, self, args);
  const names = namesOf(Function.prototype.toString.call(value), isClass);
  return [{ name: `${where} ${name}`, names, call, places: Math.max(value.length, right[name]?.length ?? 0, 1) + 1 }];
}

/** The parameters of a function, of a class those of its constructor: `{ a, b }` counts as one. */
function namesOf(source: string, isClass: boolean): readonly string[] {
  const text = isClass ? source.slice(source.search(/\bconstructor\(/)) : source;
  const single = /^(?:async\s+)?(\w+)\s*=>/.exec(text);
  if (single !== null) return [single[1] as string];
  const names = [""];
  let depth = 0;
  for (const char of text.slice(text.indexOf("(") + 1)) {
    if (char === ")" && depth === 0) break;
    if ("([{".includes(char)) depth++;
    if (")]}".includes(char)) depth--;
    if (char === "," && depth === 0) names.push("");
    else names.push(`${names.pop()}${char}`);
  }
  return names.map((name) =>
    name
      .replace(/\s+=\s+.*/s, "")
      .replace("...", "")
      .trim(),
  );
}

const ENGINES: readonly (object | null)[] = [Object.prototype, Function.prototype];

function methodsOf(object: object): readonly string[] {
  const names = new Set<string>();
  for (let at: object | null = object; at !== null && !ENGINES.includes(at); at = Object.getPrototypeOf(at)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === "function" && !LEFT_OUT.test(name)) names.add(name);
    }
  }
  return [...names];
}

const functions = Object.entries(modules).flatMap(([where, module]) =>
  Object.entries(module).flatMap(([name, value]) => callable(where, name, value)),
);
const methods = Object.entries(objects).flatMap(([where, object]) =>
  methodsOf(object).flatMap((name) => callable(where, name, (object as Record<string, unknown>)[name], object)),
);

async function wrongOf({ name, names, call, places }: Callable): Promise<readonly string[]> {
  const good = right[name.split(" ")[1] as string] ?? [];
  const found: string[] = [];
  for (let place = 0; place < places; place++) {
    for (const value of values) {
      const args = Array.from({ length: places }, (_, index) => (index === place ? value : good[index]));
      const error = await thrownBy(() => call(args));
      if (error === undefined) continue;
      const { message = "" } = error as Error;
      const shown = `${inspect(error, { depth: 6 })}`;
      const what = `${name}, argument ${place + 1} ${inspect(value)}: ${message}`;
      const isMistake =
        error instanceof TypeError ||
        error instanceof RangeError ||
        main.isKerberosError(error) ||
        error instanceof npmKerberos.NativeError;
      if (!isMistake || ENGINE.test(message)) found.push(`${what} ${(error as Error).stack?.split("\n")[1]}`);
      else if (isNameless(error, names)) found.push(`no name: ${what}`);
      else if (shown.includes(MARKER) && !(place === 0 && SHOWS_NAME.has(name))) found.push(`shown: ${what}`);
    }
  }
  return found;
}

/** Words of messages that are not the parameter's own name, and name it. */
const OTHER_NAMES =
  /\b(?:the context token|the message of the peer|the command|argument \d|etype \d|the name of a principal|no option|the options of|url of the WebSocket proxy|the test realm has no principal)\b/;
/** `name is ...`, `name.part[0] has ...`: a message begins with what it is about. */
const BEGINS_WITH_NAME =
  /^(?:parameter )?`?[a-z]\w*(?:\.\w+|\[\d+\])*`? (?:is|has|must|needs|names|cannot|takes|and)\b/;

/** Whether the caller's mistake is told without a name of an argument or option. */
function isNameless(error: unknown, names: readonly string[]): boolean {
  if (!(error instanceof TypeError || error instanceof RangeError)) return false;
  const { message } = error;
  const isNamed = names.flatMap((name) => name.split(/\W+/)).some((one) => one.length > 1 && message.includes(one));
  return !isNamed && !OTHER_NAMES.test(message) && !BEGINS_WITH_NAME.test(message);
}

async function thrownBy(call: () => unknown): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise((resolve) => {
    timer = setTimeout(resolve, 40);
  });
  try {
    await Promise.race([call(), tooLong]);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    clearTimeout(timer);
  }
}

describe("a value of a wrong kind", () => {
  it.each(functions)("$name", async (one) => {
    expect(await wrongOf(one)).toEqual([]);
  });
  it.each(methods)("$name", async (one) => {
    expect(await wrongOf(one)).toEqual([]);
  });
});

afterAll(async () => {
  await session.close();
  await server.close();
  await realm.close();
});
