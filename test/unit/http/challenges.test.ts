import { describe, expect, it } from "vitest";
import { createNegotiator } from "../../../src/entry/http.ts";
import { MAX_FIELD, parseChallenges } from "../../../src/http/challenges.ts";
import { decodeToken, readNegotiation } from "../../../src/http/field.ts";
import { startCpuClock } from "../../support/cpu-clock.ts";

const schemes = (value: string) =>
  parseChallenges(value).map(
    ({ scheme, token, isBroken }) => `${scheme}${token ? ` ${token}` : ""}${isBroken ? " !" : ""}`,
  );

describe("challenges of RFC 9110 section 11.6.1", () => {
  const TABLE: readonly (readonly [string, readonly string[]])[] = [
    ["", []],
    [" , ,", []],
    ["Negotiate", ["negotiate"]],
    ["nEGOTIATE YII=", ["negotiate YII="]],
    ["Negotiate YII=, NTLM", ["negotiate YII=", "ntlm"]],
    ['Basic realm="a, Negotiate \\"b\\"", Negotiate', ["basic", "negotiate"]],
    [
      'Negotiate, Basic realm="x", charset="UTF-8", Digest realm="y",nonce=z, NTLM',
      ["negotiate", "basic", "digest", "ntlm"],
    ],
    ["Newauth realm = apps , type=1, Negotiate AA==", ["newauth", "negotiate AA=="]],
    ["Negotiate  AAAA  ", ["negotiate AAAA"]],
    ["Negotiate AAAA BBBB", ["negotiate !"]],
    ["Negotiate !!!", ["negotiate !"]],
    ["Negotiate/AAAA", ["negotiate !"]],
    ['Basic realm="open, Negotiate AAAA', ["basic !"]],
    ["=, Negotiate", []],
    ["Negotiate (x), Basic", ["negotiate !"]],
    ['Negotiate a =, Basic realm="x"', ["negotiate !"]],
  ];
  it.each(TABLE)("%s", (value, expected) => {
    expect(schemes(value)).toEqual(expected);
  });

  it("reads no more than the longest field that is meant", () => {
    const upTo = (length: number) => `${" ".repeat(length - "Basic,".length)}Basic,Negotiate`;
    expect(schemes(upTo(MAX_FIELD))).toEqual(["basic"]);
    expect(schemes(upTo(MAX_FIELD - "Negotiate".length))).toEqual(["basic", "negotiate"]);
  });

  it("takes time in step with the length", () => {
    const cpuMs = startCpuClock();
    for (const part of ['"\\', "a=", "a ", "Negotiate ,", " ", ",", 'a="', "A".repeat(10)])
      parseChallenges(part.repeat(60_000));
    expect(cpuMs()).toBeLessThan(2_000);
  });
});

describe("what a server says of Negotiate", () => {
  it("is nothing, the scheme, or one token", () => {
    expect(readNegotiation(null)).toBeUndefined();
    expect(readNegotiation(undefined)).toBeUndefined();
    expect(readNegotiation("Basic")).toBeUndefined();
    expect(readNegotiation("Negotiate, NTLM")).toEqual({ token: undefined });
    expect(readNegotiation("Negotiate, Negotiate")).toEqual({ token: undefined });
    expect(readNegotiation("Negotiate AAEC, Negotiate AAEC")).toEqual({ token: Uint8Array.of(0, 1, 2) });
  });

  it.each(["Negotiate AAE", "Negotiate AA-_", "Negotiate AAEC, Negotiate AAED", "Negotiate ?", "Negotiate AAEC x"])(
    "is refused: %s",
    (value) => {
      expect(() => readNegotiation(value)).toThrow(/Negotiate field is broken/);
    },
  );

  it("is refused where it is longer than any that is meant", () => {
    expect(() => readNegotiation(`Negotiate ${"A".repeat(300_000)}`)).toThrow(/longer than 262144/);
    expect(() => decodeToken("")).toThrow(/not base64/);
  });
});

describe("the service of a URL", () => {
  const credential = {
    getTicket: async (service: { readonly components: readonly string[] }) => {
      throw new Error(service.components.join("/"));
    },
  };
  const targetOf = (url: string) =>
    createNegotiator({ credential: credential as never, origins: () => true })
      .begin(url)
      .catch((error) => String(error.message));

  it("X6: is HTTP at the host as it is written, without the port, and never looked up", async () => {
    expect(await targetOf("https://WWW.Example.org:8443/a")).toContain("HTTP/www.example.org");
    expect(await targetOf("http://intranet/")).toContain("HTTP/intranet");
    expect(await targetOf("wss://www.example.org./")).toContain("HTTP/www.example.org");
    expect(await targetOf("https://bücher.example/")).toContain("HTTP/xn--bcher-kva.example");
  });

  it("is not an address", async () => {
    for (const url of ["http://127.0.0.1/", "http://[::1]/", "http://0x7f.1/"]) {
      expect(await targetOf(url)).toMatch(/an address, which no service is known by/);
    }
  });

  it("is what the option says", async () => {
    const negotiator = createNegotiator({
      credential: credential as never,
      origins: ["http://127.0.0.1"],
      target: () => "HTTP@real.example.org",
    });
    await expect(negotiator.begin("http://127.0.0.1/")).rejects.toThrow("HTTP/real.example.org");
  });
});
