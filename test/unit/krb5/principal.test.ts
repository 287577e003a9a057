import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeText } from "../../../src/bytes/index.ts";
import { DecodeError } from "../../../src/errors.ts";
import { NAME_TYPE } from "../../../src/iana/index.ts";
import {
  equalPrincipals,
  formatPrincipal,
  parsePrincipal,
  principal,
  servicePrincipal,
  tgsPrincipal,
  toPrincipal,
  toPrincipalName,
} from "../../../src/krb5/index.ts";

describe("the text of a principal", () => {
  const same: [string, string, string[]][] = [
    ["alice@EXAMPLE.ORG", "EXAMPLE.ORG", ["alice"]],
    ["alice@", "", ["alice"]],
    ["host/server.example.org@EXAMPLE.ORG", "EXAMPLE.ORG", ["host", "server.example.org"]],
    ["a/b/c/d@R", "R", ["a", "b", "c", "d"]],
    ["a//b@R", "R", ["a", "", "b"]],
    ["a/@R", "R", ["a", ""]],
    ["/@R", "R", ["", ""]],
    ["a\\/b@R", "R", ["a/b"]],
    ["a\\@b@R", "R", ["a@b"]],
    ["a\\\\@R", "R", ["a\\"]],
    ["a\\nb\\tc\\bd@R", "R", ["a\nb\tc\bd"]],
    ["a@C=US\\/O=OSF", "C=US/O=OSF", ["a"]],
    ["a@R\\@S", "R@S", ["a"]],
    ["alice smith@EXAMPLE.ORG", "EXAMPLE.ORG", ["alice smith"]],
    ["gr\u00fc\u00df@R", "R", ["gr\u00fc\u00df"]],
  ];
  for (const [text, realm, components] of same) {
    it(`${JSON.stringify(text)} is read, and written the same`, () => {
      const read = parsePrincipal(text);
      expect(read).toEqual({ realm, components, nameType: NAME_TYPE.principal });
      expect(formatPrincipal(read)).toBe(text);
    });
  }

  it("a backslash before any other character is that character", () => {
    expect(parsePrincipal("\\a\\l\\ice@R").components).toEqual(["alice"]);
  });

  it("a text without a realm gets the default one, or none", () => {
    expect(parsePrincipal("alice").realm).toBe("");
    expect(parsePrincipal("alice", { defaultRealm: "EXAMPLE.ORG" }).realm).toBe("EXAMPLE.ORG");
    expect(parsePrincipal("alice@", { defaultRealm: "EXAMPLE.ORG" }).realm).toBe("");
    expect(parsePrincipal("alice@OTHER", { defaultRealm: "EXAMPLE.ORG" }).realm).toBe("OTHER");
  });

  it("an enterprise name is one component with an @ and any /", () => {
    const read = parsePrincipal("alice@corp.example@EXAMPLE.ORG", { isEnterprise: true });
    expect(read).toEqual({
      realm: "EXAMPLE.ORG",
      components: ["alice@corp.example"],
      nameType: NAME_TYPE.enterprise,
    });
    expect(formatPrincipal(read)).toBe("alice\\@corp.example@EXAMPLE.ORG");
    expect(parsePrincipal("alice@corp.example", { isEnterprise: true, defaultRealm: "R" })).toMatchObject({
      realm: "R",
      components: ["alice@corp.example"],
    });
    expect(parsePrincipal("a/b@c", { isEnterprise: true }).components).toEqual(["a/b@c"]);
    expect(parsePrincipal("alice", { isEnterprise: true, defaultRealm: "R" })).toMatchObject({ components: ["alice"] });
    expect(() => parsePrincipal("a@b@c@d", { isEnterprise: true })).toThrow(TypeError);
  });

  it("the name type follows from the name", () => {
    expect(parsePrincipal("krbtgt/A@B").nameType).toBe(NAME_TYPE.srvInst);
    expect(parsePrincipal("krbtgt@B").nameType).toBe(NAME_TYPE.principal);
    expect(parsePrincipal("WELLKNOWN/ANONYMOUS@B").nameType).toBe(NAME_TYPE.wellKnown);
    expect(parsePrincipal("WELLKNOWN@B").nameType).toBe(NAME_TYPE.principal);
    expect(parsePrincipal("host/a@B").nameType).toBe(NAME_TYPE.principal);
  });

  it("refuses what is no principal", () => {
    for (const text of ["", "@R", "a@b@c", "a@b/c", "a\\", "a@R\\", "\\"]) {
      expect(() => parsePrincipal(text), text).toThrow(TypeError);
    }
  });

  it("CVE-2015-2697: refuses a NUL, written or escaped, in a component or the realm", () => {
    for (const text of ["a\0b@R", "a\\0b@R", "a@R\0", "a@R\\0S", "a/\\0@R"]) {
      expect(() => parsePrincipal(text), JSON.stringify(text)).toThrow(/NUL/);
    }
    expect(() => parsePrincipal("a", { defaultRealm: "R\0" })).toThrow(/NUL/);
    expect(() => servicePrincipal("host", "a\0b")).toThrow(TypeError);
    for (const [realm, component] of [
      ["R\0", "a"],
      ["R", "a\0"],
    ] as const) {
      expect(() => toPrincipal(realm, { nameType: 1, nameString: ["x", component] })).toThrow(DecodeError);
    }
    expect(formatPrincipal(principal("R", ["a\0b"]))).toBe("a\\0b@R");
  });

  it("whatever the octets of a name, its text is read as the same name", () => {
    const word = fc.oneof(
      fc.uint8Array({ maxLength: 12 }).map((octets) => decodeText(octets.filter((octet) => octet !== 0))),
      fc.string({ unit: fc.constantFrom(..."ab/@\\\n\t\b0n. ") }),
    );
    fc.assert(
      fc.property(word, fc.array(word, { minLength: 1, maxLength: 4 }), (realm, components) => {
        fc.pre(components.length > 1 || components[0] !== "");
        const name = principal(realm, components);
        expect(equalPrincipals(parsePrincipal(formatPrincipal(name)), name)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("principals", () => {
  it("are the same if realm and components are, whatever the name type; nothing is folded or joined", () => {
    const alice = principal("R", ["a", "b"]);
    expect(equalPrincipals(alice, principal("R", ["a", "b"], NAME_TYPE.srvHst))).toBe(true);
    for (const other of [
      principal("r", ["a", "b"]),
      principal("R", ["a", "B"]),
      principal("R", ["a"]),
      principal("R", ["a", "b", ""]),
      principal("R", ["a/b"]),
      principal("R", ["b", "a"]),
      principal("", ["a", "b"]),
    ]) {
      expect(equalPrincipals(alice, other)).toBe(false);
      expect(equalPrincipals(other, alice)).toBe(false);
    }
  });

  it("of services have the host in lower case, without its last dot, and are of type NT-SRV-HST", () => {
    expect(servicePrincipal("host", "Server.Example.ORG.", "EXAMPLE.ORG")).toEqual({
      realm: "EXAMPLE.ORG",
      components: ["host", "server.example.org"],
      nameType: NAME_TYPE.srvHst,
    });
    expect(servicePrincipal("HTTP", "a").realm).toBe("");
    expect(servicePrincipal("HTTP", "a").components[0]).toBe("HTTP");
    for (const [service, host] of [
      ["", "a"],
      ["host", ""],
      ["host", "."],
    ] as const) {
      expect(() => servicePrincipal(service, host)).toThrow(TypeError);
    }
  });

  it("of ticket-granting services name the realm they are about and the one that knows them", () => {
    expect(formatPrincipal(tgsPrincipal("A"))).toBe("krbtgt/A@A");
    expect(formatPrincipal(tgsPrincipal("A", "B"))).toBe("krbtgt/A@B");
    expect(tgsPrincipal("A").nameType).toBe(NAME_TYPE.srvInst);
  });

  it("go to the wire and back", () => {
    const host = servicePrincipal("host", "a", "R");
    expect(toPrincipalName(host)).toEqual({ nameType: 3, nameString: ["host", "a"] });
    expect(toPrincipal("R", toPrincipalName(host))).toEqual(host);
  });
});
