// What a caller of createClient, createKerberos or the lean client gives by mistake, told before anything is sent.

import { describe, expect, it } from "vitest";
import { password, passwordSecret } from "../../src/client/index.ts";
import { checkTimes } from "../../src/client/reply-checks.ts";
import { createClient as createLeanClient } from "../../src/entry/lean.ts";
import { parsePrincipal } from "../../src/krb5/index.ts";
import { createKerberos } from "../../src/library/on-host.ts";
import { createClient } from "../../src/remctl-client/on-host.ts";

const credentials = { principal: "alice@EXAMPLE.TEST", password: "secret" };
const kdc = ["tcp://kdc.example.test:88"];
const good = { credentials, kdc };

const makers = {
  createClient: (options: object): unknown => createClient({ ...good, ...options }),
  "createClient of lean": (options: object): unknown => createLeanClient({ ...good, ...options }),
  createKerberos: (options: object): unknown => createKerberos({ kdc, ...options }),
};

describe.each(Object.entries(makers))("%s hears at once of", (name, make) => {
  it.each([
    ["a KDC that is a number", { kdc: 5 }, "kdc is a number: it must be a list of servers"],
    ["a KDC of a realm that is a number", { kdc: { R: 5 } }, "kdc of R is a number: it must be a list of servers"],
    ["a KDC that is not there", { kdc: [undefined] }, "kdc[0] is undefined: it must be a string"],
    ["a skew that is text", { skewSeconds: "x" }, "skewSeconds is a string: it must be a number, 0 or more"],
    ["a name that is nearly one", { kdcs: kdc }, "has no option kdcs: did you mean kdc?"],
  ])("%s: TypeError", (_, options, message) => {
    expect(() => make(options)).toThrow(TypeError);
    expect(() => make(options)).toThrow(message);
  });

  it("A11: a skew or a rest that is no number of seconds: RangeError", () => {
    for (const option of name === "createKerberos" ? ["skewSeconds"] : ["skewSeconds", "rejectedSecretRestSeconds"]) {
      for (const value of [Number.NaN, -1]) {
        expect(() => make({ [option]: value })).toThrow(RangeError);
        expect(() => make({ [option]: value })).toThrow(`${option} is ${value}: it must be 0 or more`);
      }
      expect(() => make({ [option]: 0 })).not.toThrow();
    }
  });

  it("a lifetime that is over before it begins: RangeError", async () => {
    for (const option of ["lifetimeSeconds", "renewLifetimeSeconds"]) {
      for (const value of [0, -1, Number.NaN]) {
        const message = `${option} is ${value}: it must be 1 or more`;
        if (name !== "createKerberos") expect(() => make({ [option]: value })).toThrow(message);
        const login = createKerberos({ kdc }).login(password("alice@EXAMPLE.TEST", "secret"), { [option]: value });
        await expect(login).rejects.toThrow(message);
        await expect(login).rejects.toBeInstanceOf(RangeError);
      }
    }
  });

  it("nothing where all is well: one server, a list, one or a list for each realm, one of them without", () => {
    const [one] = kdc;
    for (const servers of [one, kdc, [], {}, { "EXAMPLE.TEST": kdc, OTHER: [], THIRD: one }]) {
      // The lean client changes no password.
      const kpasswd = name === "createClient of lean" ? {} : { kpasswd: servers };
      expect(() => make({ kdc: servers, ...kpasswd, skewSeconds: 60 })).not.toThrow();
    }
  });
});

describe.each([
  ["createClient", createClient],
  ["createClient of lean", createLeanClient as unknown as typeof createClient],
])("%s names the option whose type is wrong:", (_, create) => {
  it("a principal", () => {
    const make = (): unknown => create({ ...good, credentials: { ...credentials, principal: 5 as never } });
    expect(make).toThrow(TypeError);
    expect(make).toThrow("credentials.principal is a number: it must be a principal");
  });

  it("a host and a service", async () => {
    const client = create(good);
    for (const [host, kind] of [
      [5, "a number"],
      [null, "null"],
      [undefined, "undefined"],
    ] as const) {
      const mistake = new TypeError(`host is ${kind}: it must be the name or the address of a host`);
      await expect(client.connect(host as never)).rejects.toThrow(mistake);
      await expect(client.remctl(host as never, ["x"])).rejects.toThrow(mistake);
    }
    await expect(client.getTicket(5 as never)).rejects.toThrow("service is a number: it must be a principal");
  });
});

it("enctypes that are no list are told as that", () => {
  for (const make of [makers.createClient, makers.createKerberos]) {
    expect(() => make({ enctypes: "aes256-sha1" })).toThrow(TypeError);
    expect(() => make({ enctypes: "aes256-sha1" })).toThrow(/^enctypes is not a list: /);
    expect(() => make({ enctypes: [23] })).toThrow(/^enctypes has arcfour-hmac: give aes256-cts/);
  }
});

it("a password that is neither text nor octets is told as that", () => {
  const alice = parsePrincipal(credentials.principal);
  expect(() => passwordSecret(alice, 5 as never)).toThrow(
    new TypeError("password is a number: it must be a string or a Uint8Array"),
  );
});

it("A11: a skew that is no number leaves no time right", () => {
  const at = new Date(0);
  const part = { starttime: at, authtime: at, endtime: new Date(10_000), flags: 0 };
  const check = (skewMs: number): void => checkTimes({ till: part.endtime } as never, part as never, 0, skewMs);
  expect(() => check(0)).not.toThrow();
  expect(() => check(Number.NaN)).toThrow(/set one of the clocks/);
});

it("kdcTimeoutMs: undefined says nothing: connectTimeoutMs bounds the KDCs too", { timeout: 5_000 }, async () => {
  const client = createClient({
    credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
    kdc: ["tcp://192.0.2.1"],
    dial: () => new Promise(() => {}),
    connectTimeoutMs: 100,
    kdcTimeoutMs: undefined,
  });
  const started = performance.now();
  await expect(client.getTicket("host/localhost")).rejects.toMatchObject({ code: "KDC_UNREACHABLE" });
  expect(performance.now() - started).toBeLessThan(3_000);
});
