// What a caller of createClient, createKerberos or the lean client gives by mistake, told before anything is sent.

import { describe, expect, it } from "vitest";
import { password, passwordSecret } from "../../src/client/index.ts";
import { checkTimes } from "../../src/client/reply-checks.ts";
import { createClient as createLeanClient } from "../../src/entry/lean.ts";
import { parsePrincipal } from "../../src/krb5/index.ts";
import { createKerberos } from "../../src/library/on-host.ts";
import { createClient } from "../../src/remctl-client/on-host.ts";

const credentials = { principal: "alice@EXAMPLE.TEST", password: "secret" };
const good = { credentials, kdc: ["tcp://kdc.example.test:88"] };

const makers = {
  createClient: (options: object): unknown => createClient({ ...good, ...options }),
  "createClient of lean": (options: object): unknown => createLeanClient({ ...good, ...options }),
  createKerberos: (options: object): unknown => createKerberos({ ...good, ...options }),
};

describe.each(Object.entries(makers))("%s hears at once of", (name, make) => {
  it.each([
    ["a KDC that is in no list", { kdc: "tcp://127.0.0.1:88" }, 'kdc is a list, as ["tcp://host:port"]'],
    ["a KDC of a realm that is in no list", { kdc: { "EXAMPLE.TEST": "tcp://127.0.0.1:88" } }, "kdc is a list"],
    ["a password server that is in no list", { kpasswd: "tcp://127.0.0.1" }, "kpasswd is a list"],
    ["a skew that is text", { skewSeconds: "x" }, "skewSeconds is not a number"],
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
        const login = createKerberos(good).login(password("alice@EXAMPLE.TEST", "secret"), { [option]: value });
        await expect(login).rejects.toThrow(message);
        await expect(login).rejects.toBeInstanceOf(RangeError);
      }
    }
  });

  it("nothing where all is well: a list, a list for each realm, one of them without", () => {
    for (const kdc of [good.kdc, [], {}, { "EXAMPLE.TEST": good.kdc, OTHER: [] }]) {
      expect(() => make({ kdc, kpasswd: kdc, skewSeconds: 60 })).not.toThrow();
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
    expect(make).toThrow("principal is neither text nor a principal");
  });

  it("a host and a service", async () => {
    const client = create(good);
    for (const host of [5, null, undefined]) {
      await expect(client.connect(host as never)).rejects.toThrow(new TypeError("host is not text"));
      await expect(client.remctl(host as never, ["x"])).rejects.toThrow(new TypeError("host is not text"));
    }
    await expect(client.getTicket(5 as never)).rejects.toThrow("service is neither text nor a principal");
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
  expect(() => passwordSecret(alice, 5 as never)).toThrow(new TypeError("password is neither text nor octets"));
});

it("A11: a skew that is no number leaves no time right", () => {
  const at = new Date(0);
  const part = { starttime: at, authtime: at, endtime: new Date(10_000), flags: 0 };
  const check = (skewMs: number): void => checkTimes({ till: part.endtime } as never, part as never, 0, skewMs);
  expect(() => check(0)).not.toThrow();
  expect(() => check(Number.NaN)).toThrow(/set one of the clocks/);
});
