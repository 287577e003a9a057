// The parts of the drop-in by themselves: names of services, options, base64, the native words, and who waits for them.

import { describe, expect, it } from "vitest";
import { CredentialError, GssError, isKerberosError } from "../../../src/errors.ts";
import type { SecurityContext } from "../../../src/gssapi/index.ts";
import { settle } from "../../../src/kerberos/callback.ts";
import { KerberosClient } from "../../../src/kerberos/client.ts";
import { flagsOf, optionsOf, wantedOf } from "../../../src/kerberos/client-options.ts";
import { decodeLenient } from "../../../src/kerberos/lenient-base64.ts";
import {
  keytabError,
  nativeError,
  noPrincipalError,
  passwordError,
  serverError,
} from "../../../src/kerberos/native-error.ts";
import { KerberosServer } from "../../../src/kerberos/server.ts";
import { asName, parseClientService, parseServerService } from "../../../src/kerberos/service-name.ts";
import { formatPrincipal, parsePrincipal } from "../../../src/krb5/index.ts";

describe("the service of a client", () => {
  it.each([
    ["HTTP@www.example.org", "HTTP/www.example.org@"],
    ["HTTP@WWW.example.org", "HTTP/www.example.org@"],
    ["HTTP/www.example.org", "HTTP/www.example.org@"],
    ["HTTP/WWW.example.org@R.EXAMPLE", "HTTP/www.example.org@R.EXAMPLE"],
    ["mongodb@h.example@R.EXAMPLE", "mongodb/h.example@R.EXAMPLE"],
    ["a/B/c@R", "a/B/c@R"],
    ["/b@R", undefined],
    ["HTTP", undefined],
    ["", undefined],
    ["@h", undefined],
    ["HTTP@", undefined],
    ["HTTP@h@", undefined],
    ["HTTP@h@R@S", undefined],
    ["HTTP\\x@h", undefined],
    ["HTTP@h\\x", undefined],
  ])("%j is %s", (text, wanted) => {
    const found = asName(() => parseClientService(text));
    expect(found && [...found.components, found.realm]).toEqual(wanted?.split(/[/@]/));
  });

  it("that is none says which forms there are", () => {
    expect(() => parseClientService("HTTP")).toThrow("service@host, service/host or service/host@REALM");
    const other = new RangeError("not a name's");
    expect(() => asName(() => raise(other))).toThrow(other);
  });
});

function raise(error: unknown): never {
  throw error;
}

describe("the services of a server", () => {
  it.each([
    ["", ["HTTP/h@R", "x@R", "a/b/c@R"], []],
    ["HTTP", ["HTTP/h@R", "HTTP/other@S"], ["http/h@R", "HTTP@R", "HTTP/h/x@R", "HTTPS/h@R"]],
    ["HTTP@h", ["HTTP/h@R", "HTTP/H@S"], ["HTTP/i@R", "HTTP@R", "HTTP/h/x@R", "http/h@R"]],
    ["HTTP/h@R", ["HTTP/h@R", "HTTP/H@R"], ["HTTP/h@S", "HTTP/i@R"]],
    ["a/B/c@R", ["a/B/c@R", "a/b/c@R"], ["a/B/C@R", "A/B/c@R", "a/B@R", "a/B/c/d@R"]],
  ])("of %j are its own, and no others", (text, own, others) => {
    const fits = parseServerService(text);
    for (const name of own) expect([name, fits(parsePrincipal(name))]).toEqual([name, true]);
    for (const name of others) expect([name, fits(parsePrincipal(name))]).toEqual([name, false]);
  });
});

describe("options of a client", () => {
  it("may be missing, or the callback in their place, and are an object else", () => {
    for (const none of [undefined, null, () => {}]) expect(optionsOf(none)).toEqual({});
    const options = { flags: 1 };
    expect(optionsOf(options)).toBe(options);
    for (const wrong of [5, "x", true, []]) expect(() => optionsOf(wrong)).toThrow(TypeError);
  });

  it.each([
    [{}, "mutual sequence"],
    [{ flags: 0 }, ""],
    [{ flags: 1 }, "delegation"],
    [{ flags: 2 }, "mutual"],
    [{ flags: 4 }, "replay"],
    [{ flags: 8 }, "sequence"],
    [{ flags: 15 }, "mutual replay sequence delegation"],
    [{ gssFlag: 4, gssFlags: 1 }, "replay"],
    [{ flags: 2, gssFlag: 4, gssFlags: 1 }, "mutual"],
    [{ gssFlags: 1 }, "delegation"],
  ])("%j ask for %s, and always for integrity and confidentiality", (options, wanted) => {
    const found = flagsOf(options) ?? {};
    const names = Object.entries(found).filter(([, value]) => value === true);
    expect(names.map(([name]) => name)).toEqual([...wanted.split(" "), "integrity", "confidentiality"].filter(Boolean));
  });

  it.each([
    [{}, true, {}],
    [{ principal: "" }, true, {}],
    [{ principal: 5 }, true, {}],
    [{ principal: "a@R" }, true, { principal: "a@R" }],
    [{ user: "a", password: "p" }, true, { principal: "a", password: "p" }],
    [{ user: "a", password: "p" }, false, {}],
    [{ user: "a", password: "p", principal: "b" }, false, { principal: "b" }],
    [{ user: "a", pass: "p" }, true, { principal: "a", password: "p" }],
    [{ user: "a", password: "p", pass: "q" }, true, { principal: "a", password: "p" }],
    [{ user: "a", password: "p", domain: "R" }, true, { principal: "a@R", password: "p" }],
    [{ user: "a@S", password: "p", domain: "R" }, true, { principal: "a@S", password: "p" }],
    [{ user: "a", password: "p", domain: "" }, true, { principal: "a", password: "p" }],
    [{ user: "a", password: "p", domain: 5 }, true, { principal: "a", password: "p" }],
    [{ user: "", password: "p", principal: "b" }, true, { principal: "b" }],
    [{ user: 5, password: "p" }, true, {}],
    [{ user: "a", password: 5, principal: "b" }, true, { principal: "b" }],
    [{ user: "a" }, true, {}],
  ])("NK4: %j, passwords taken: %s, are for %j", (options, takesPasswords, wanted) => {
    expect(wantedOf(options as never, takesPasswords)).toEqual(wanted);
  });
});

it.each([
  ["", ""],
  ["a", ""],
  ["ab", "69"],
  ["abc", "69b7"],
  ["abcd", "69b71d"],
  ["abcde", "69b71d"],
  ["YQ==", "61"],
  ["Y Q = = \n", "61"],
  ["!!!", ""],
  ["-_YWI=", "6162"],
])("base64 of any text: %j is %j", (text, wanted) => {
  expect(Buffer.from(decodeLenient(text)).toString("hex")).toBe(wanted);
});

describe("the native words", () => {
  const error = (code: string, fields: object = {}) =>
    Object.assign(new GssError(code as never, "GSS_S_FAILURE", "our words"), fields);
  const failure = "Unspecified GSS failure.  Minor code may provide more information: ";
  const words = (one: unknown) => {
    expect(one).toBeInstanceOf(Error);
    return (one as Error).message;
  };

  it.each([
    ["GSS", {}, `${failure}our words`],
    ["TICKET_EXPIRED", {}, `${failure}Ticket expired`],
    ["WRONG_PASSWORD", {}, `${failure}Preauthentication failed`],
    ["CLOCK_SKEW", {}, `${failure}Clock skew too great`],
    ["SERVER_CLOCK_SKEW", {}, `${failure}Clock skew too great`],
    ["REPLAY", {}, `${failure}Request is a replay`],
    ["SERVICE_UNKNOWN", { service: "HTTP/h@R" }, `${failure}Server HTTP/h@R not found in Kerberos database`],
    ["SERVICE_UNKNOWN", { cause: { service: "a@R" } }, `${failure}Server a@R not found in Kerberos database`],
    ["SERVICE_UNKNOWN", { service: 5, cause: null }, `${failure}Server  not found in Kerberos database`],
    ["CLIENT_UNKNOWN", { principal: "a@R" }, `${failure}Client 'a@R' not found in Kerberos database`],
    ["CLIENT_UNKNOWN", { principal: "a\u001b[2J" }, `${failure}Client 'a?[2J' not found in Kerberos database`],
    ["KDC_UNREACHABLE", { realm: "R" }, `${failure}Cannot contact any KDC for realm 'R'`],
    ["NO_KDC_FOR_REALM", { realm: "R" }, `${failure}Cannot find KDC for realm "R"`],
    ["DECODE", {}, "Invalid token was supplied: our words"],
    ["GSS_DEFECTIVE_TOKEN", {}, "Invalid token was supplied: our words"],
    ["GSS_BAD_MIC", {}, "A token had an invalid Message Integrity Check (MIC): our words"],
    ["GSS_BAD_BINDINGS", {}, "Incorrect channel bindings were supplied: our words"],
    ["GSS_DUPLICATE_TOKEN", {}, "The token was a duplicate of an earlier token: our words"],
    ["GSS_OLD_TOKEN", {}, "The token's validity period has expired: our words"],
    ["GSS_GAP_TOKEN", {}, "An expected per-message token was not received: our words"],
    ["GSS_NO_CONTEXT", {}, "A required input parameter could not be read: our words"],
  ])("of %s with %j are %j", (code, fields, wanted) => {
    const cause = error(code, fields);
    const native = nativeError(cause);
    expect(words(native)).toBe(wanted);
    expect(native).toMatchObject({ name: "Error", code, cause });
  });

  it.each([
    ["WRONG_PASSWORD", "Preauthentication failed (-1765328360)"],
    ["CLIENT_UNKNOWN", "Client not found in Kerberos database (-1765328378)"],
    ["CLIENT_LOCKED", "Client's credentials have been revoked (-1765328366)"],
    ["CLIENT_DISABLED", "Client's credentials have been revoked (-1765328366)"],
    ["CLIENT_EXPIRED", "Client's entry in database has expired (-1765328383)"],
    ["PASSWORD_EXPIRED", "Password has expired (-1765328361)"],
    ["NO_KDC_FOR_REALM", "Cannot find KDC for requested realm (-1765328230)"],
    ["KDC_UNREACHABLE", "Cannot contact any KDC for requested realm (-1765328228)"],
    ["CLOCK_SKEW", "Clock skew too great (-1765328347)"],
    ["REPLY_MODIFIED", "our words (-1)"],
  ])("of a check of a password that ends in %s are %j", (code, wanted) => {
    expect(words(passwordError(error(code)))).toBe(wanted);
  });

  const none = "No credentials were supplied, or the credentials were unavailable or inaccessible: ";

  it.each([
    ["HTTP", "KEYTAB_NO_KEY", {}, "No key table entry found matching HTTP/@"],
    ["HTTP@h", "KEYTAB_NO_KEY", {}, "No key table entry found matching HTTP/h@"],
    ["HTTP/h", "KEYTAB_NO_KEY", {}, "No key table entry found matching HTTP/h"],
    ["HTTP/h@R", "KEYTAB_NO_KEY", {}, "No key table entry found matching HTTP/h@R"],
    ["a@b@c", "KEYTAB_NO_KEY", {}, "No key table entry found matching a@b@c"],
    ["HTTP", "KEYTAB", { reason: "missing", path: "/x/y" }, "Key table file '/x/y' not found"],
    ["HTTP", "KEYTAB", { reason: "missing" }, "our words"],
    ["HTTP", "KEYTAB", { reason: "unreadable", path: "/x/y" }, "our words"],
    ["HTTP", "KEYTAB_NO_KEY", { reason: "missing", path: "/x" }, "No key table entry found matching HTTP/@"],
  ] as const)("of a server %s that cannot be made (%s, %j) are %j", (name, code, fields, wanted) => {
    const cause = new CredentialError(code, "our words", fields as never);
    expect(words(serverError(name, cause))).toBe(`${none}${wanted}`);
    expect(words(keytabError(cause))).toBe("Cannot get sequence cursor from keytab (2)");
  });

  it("of another failure are the usual ones, and a caller's mistake stays what it is", () => {
    expect(words(serverError("HTTP", error("DECODE")))).toBe("Invalid token was supplied: our words");
    expect(words(noPrincipalError("a\u0007@R", error("GSS") as never))).toBe(
      `${none}Can't find client principal a?@R in cache collection`,
    );
    const mistake = new TypeError("wrong");
    for (const make of [nativeError, passwordError, keytabError, (one: unknown) => serverError("HTTP", one)]) {
      expect(make(mistake)).toBe(mistake);
    }
    expect(isKerberosError(mistake)).toBe(false);
  });
});

describe("who waits", () => {
  it("has the promise, or the callback once and nothing else", async () => {
    expect(await settle(async () => 5, undefined)).toBe(5);
    expect(await settle(async () => 6, "no callback")).toBe(6);
    const called: unknown[][] = [];
    const done = (...args: unknown[]) => void called.push(args);
    const mistake = new Error("no");
    expect(settle(async () => 7, done)).toBeUndefined();
    expect(settle(() => Promise.reject(mistake), done)).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(called).toEqual([
      [null, 7],
      [mistake, null],
    ]);
  });
});

/** A context whose steps and messages a test gives. */
function contextOf(parts: Partial<Record<keyof SecurityContext, unknown>>): SecurityContext {
  return { isEstablished: false, ...parts } as unknown as SecurityContext;
}

const text = (octets: readonly number[]) => Buffer.from(octets).toString("base64");
const rejection = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error("nothing failed"),
    (error: Error) => error,
  );

describe("the client's side", () => {
  it("has no name before the context is complete, nor where the context has none", () => {
    const self = parsePrincipal("alice@R");
    expect(new KerberosClient(contextOf({ self })).username).toBeNull();
    expect(new KerberosClient(contextOf({ isEstablished: true })).username).toBeNull();
    expect(new KerberosClient(contextOf({ isEstablished: true, self })).username).toBe(formatPrincipal(self));
  });

  it.each([
    [undefined, null],
    [[], null],
    [[1], "AQ=="],
  ])("a token of %j to send is %j", async (token, wanted) => {
    const given: unknown[] = [];
    const step = async (one: unknown) => {
      given.push(one);
      return token && Uint8Array.from(token);
    };
    const client = new KerberosClient(contextOf({ step }));
    expect(await client.step("")).toBe(wanted);
    expect(client.response).toBe(wanted);
    await client.step("AQI=");
    expect(given).toEqual([undefined, Uint8Array.of(1, 2)]);
  });

  it("fails for ever after a failure, whatever is asked, and has no response then", async () => {
    const step = async () => raise(new GssError("GSS", "GSS_S_FAILURE", "no"));
    const unwrap = () => Uint8Array.of(1);
    const client = new KerberosClient(contextOf({ step, unwrap }));
    await client.unwrap("AA==");
    expect(client.response).toBe("AQ==");
    const first = await rejection(client.step(""));
    expect(client.response).toBeNull();
    expect(await rejection(client.unwrap("AA=="))).toBe(first);
    expect(await rejection(client.wrap("AA=="))).toBe(first);
    // A parameter that is wrong is told all the same.
    expect(await rejection(client.wrap(5 as never))).toBeInstanceOf(TypeError);
  });

  it.each([
    [[5, 4, 0, 255], [9], 0, "CQ=="],
    [[5, 4, 2, 255], [9], 1, "CQ=="],
    [[5, 4, 7, 255], [], 1, null],
    [[5, 4], [], 0, null],
  ])("a token %j of the message %j was encrypted: %i", async (token, message, conf, wanted) => {
    const client = new KerberosClient(contextOf({ unwrap: () => Uint8Array.from(message) }));
    expect(await client.unwrap(text(token))).toBe(wanted);
    expect([client.responseConf, client.response]).toEqual([conf, wanted]);
  });

  it.each([
    ["", {}, [1, 0, 0, 0]],
    [text([7, 1, 2]), {}, [1, 0, 0, 0]],
    [text([7, 1, 2, 3]), {}, [1, 1, 2, 3]],
    [text([7, 1, 2, 3, 4]), { user: "é" }, [1, 1, 2, 3, 0xc3, 0xa9]],
    [text([7, 1, 2, 3]), { user: 5 }, [1, 1, 2, 3]],
    [text([7, 1, 2, 3]), null, [1, 1, 2, 3]],
    [text([7, 1, 2, 3]), "user", [1, 1, 2, 3]],
  ])("wraps of %j with %j the SASL reply %j", async (challenge, options, wanted) => {
    const wrapped: unknown[] = [];
    const wrap = (octets: Uint8Array, { conf }: { conf: boolean }) => {
      wrapped.push([[...octets], conf]);
      return Uint8Array.of(3);
    };
    const client = new KerberosClient(contextOf({ wrap }));
    expect(await client.wrap(challenge, options as never)).toBe("Aw==");
    await client.wrap(challenge, { protect: true });
    await client.wrap(challenge, { user: "u".repeat(5_000) });
    expect(wrapped[0]).toEqual([wanted, false]);
    expect((wrapped[1] as unknown[])[1]).toBe(true);
    // The native module has room for so many octets of a name.
    expect((wrapped[2] as number[][])[0]).toHaveLength(4 + 4_091);
    const values = [5, null, "true"].map((protect) => rejection(client.wrap(challenge, { protect } as never)));
    for (const error of await Promise.all(values)) expect(error).toBeInstanceOf(TypeError);
  });
});

describe("the server's side", () => {
  const peer = parsePrincipal("alice@R");
  const self = parsePrincipal("HTTP/h@R");

  it.each([
    [{ peer, self }, false, null, null],
    [{ isEstablished: true, peer, self }, false, "alice@R", "HTTP/h@R"],
    [{ isEstablished: true, peer, self }, true, "alice@R", null],
    [{ isEstablished: true }, false, null, null],
  ])("of a context %j, named: %s, has the client %s and the target %s", (parts, isNamed, username, targetName) => {
    expect(new KerberosServer(contextOf(parts), isNamed)).toMatchObject({ username, targetName });
  });

  it.each([
    [undefined, null],
    [[], null],
    [[1], "AQ=="],
  ])("a token of %j to send back is %j", async (token, wanted) => {
    const server = new KerberosServer(contextOf({ step: async () => token && Uint8Array.from(token) }), false);
    expect(await server.step("AQ==")).toBe(wanted);
    expect(server.response).toBe(wanted);
  });

  it("takes nothing for a token, has no response after it, and goes on; after a failure it does not", async () => {
    let steps = 0;
    const step = async () => (++steps === 1 ? Uint8Array.of(1) : raise(new GssError("GSS", "GSS_S_FAILURE", "no")));
    const server = new KerberosServer(contextOf({ step }), false);
    await server.step("AQ==");
    expect((await rejection(server.step(""))).message).toBe("No challenge parameter in request from client");
    expect([server.response, steps]).toEqual([null, 1]);
    const failed = await rejection(server.step("AQ=="));
    expect(await rejection(server.step("AQ=="))).toBe(failed);
    expect(steps).toBe(2);
    const other = new KerberosServer(contextOf({ step }), false);
    expect((await rejection(other.step("!"))).message).toContain("A required input parameter could not be read");
    expect(steps).toBe(2);
  });
});
