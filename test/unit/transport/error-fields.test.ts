// Which fields of a KRB-ERROR and of the request are compared, and what is taken for none of them.

import { describe, expect, it } from "vitest";
import { classifyReplyTo } from "../../../src/transport/index.ts";
import { isErrorOfAnother, requestName } from "../../../src/transport/reply-kind.ts";
import { asRep, asReq, der } from "../../support/fake-kdc.ts";

const text = (value: string) => der(0x1b, new TextEncoder().encode(value));
const nameOf = (...parts: string[]) =>
  der(0x30, der(0xa0, der(2, Uint8Array.of(2))), der(0xa1, der(0x30, ...parts.map(text))));
const field = (tag: number, value: Uint8Array) => der(0xa0 + tag, value);

const body = (...fields: Uint8Array[]) => der(0x30, field(0, der(3, new Uint8Array(5))), ...fields);
const asked = [field(2, text("R")), field(3, nameOf("host", "a"))];
const asReqOf = (...fields: Uint8Array[]) => der(0x6a, der(0x30, field(4, body(...fields))));
const request = asReqOf(...asked);
const error = (...fields: Uint8Array[]) => der(0x7e, der(0x30, field(6, der(2, Uint8Array.of(24))), ...fields));
const errorOf = (realm: string, ...parts: string[]) => error(field(9, text(realm)), field(10, nameOf(...parts)));

describe("TR14: an error of another", () => {
  it.each([
    ["another realm", errorOf("S", "host", "a")],
    ["another realm, with its ticket-granting service", errorOf("S", "krbtgt", "S")],
    ["another service", errorOf("R", "host", "b")],
    ["a service of fewer parts", errorOf("R", "host")],
    ["a service of more parts", errorOf("R", "host", "a", "c")],
    ["the ticket-granting service of another realm", errorOf("R", "krbtgt", "S")],
    ["a ticket-granting service of more parts", errorOf("R", "krbtgt", "R", "x")],
    ["a service that only begins like one", errorOf("R", "krbtgs", "R")],
  ])("is one that names %s", (_, octets) => {
    expect(isErrorOfAnother(request, octets)).toBe(true);
  });

  it.each([
    ["the same realm and service", errorOf("R", "host", "a")],
    ["them in another case", errorOf("r", "HOST", "A")],
    ["the realm's ticket-granting service", errorOf("R", "krbtgt", "R")],
    ["no service", errorOf("S")],
    ["no service field", error(field(9, text("S")))],
    ["no realm", error(field(10, nameOf("host", "b")))],
    ["a service without its parts", error(field(9, text("S")), field(10, der(0x30)))],
    [
      "a service whose last part is cut",
      error(field(9, text("S")), field(10, der(0x30, der(0xa1, der(0x30, Uint8Array.of(0x1b, 9)))))),
    ],
    ["nothing, with a field that goes past the end", der(0x7e, der(0x30, Uint8Array.of(0xa9, 9, 1)))],
    ["a realm outside a SEQUENCE", der(0x7e, der(0x31, field(9, text("S")), field(10, nameOf("host", "b"))))],
    ["nothing, in a SEQUENCE that goes past the end", der(0x7e, Uint8Array.of(0x30, 9))],
    ["nothing", der(0x7e)],
  ])("is none that names %s", (_, octets) => {
    expect(isErrorOfAnother(request, octets)).toBe(false);
  });

  it.each([
    ["names no realm", asReqOf(field(3, nameOf("host", "a")))],
    ["names no service", asReqOf(field(2, text("R")))],
    ["has no body", asReq()],
    ["is of another kind", der(0x6e, der(0x30, field(4, body(...asked))))],
    ["is not DER", Uint8Array.of(0, 1, 2)],
  ])("is none where the request %s", (_, of) => {
    expect(isErrorOfAnother(of, errorOf("S", "host", "b"))).toBe(false);
  });

  it("is an error, and not another message with such fields", () => {
    const octets = errorOf("S", "host", "b");
    octets[0] = 0x6b;
    expect(isErrorOfAnother(request, octets)).toBe(false);
    expect(isErrorOfAnother(request, asRep())).toBe(false);
    expect(isErrorOfAnother(request, new Uint8Array())).toBe(false);
  });
});

describe("an error's code", () => {
  const classify = classifyReplyTo(asReq());
  const code = field(6, der(2, Uint8Array.of(52)));

  it.each([
    ["in a SEQUENCE", der(0x7e, der(0x30, code)), "too-big"],
    ["behind other fields", der(0x7e, der(0x30, field(0, der(2, Uint8Array.of(5))), code)), "too-big"],
    ["in a SET", der(0x7e, der(0x31, code)), "reply"],
    ["behind a field that goes past the end", der(0x7e, der(0x30, Uint8Array.of(0xa0, 0x7f), code)), "reply"],
    ["in a field that goes past the end", der(0x7e, der(0x30, Uint8Array.of(0xa6, 4, 2, 1, 52))), "reply"],
    ["in a SEQUENCE that goes past the end", der(0x7e, Uint8Array.of(0x30, 9), code), "reply"],
    ["that is no INTEGER", der(0x7e, der(0x30, field(6, der(10, Uint8Array.of(52))))), "reply"],
    ["of two octets", der(0x7e, der(0x30, field(6, der(2, Uint8Array.of(0, 52))))), "reply"],
    ["in another field", der(0x7e, der(0x30, field(5, der(2, Uint8Array.of(52))))), "reply"],
  ])("%s", (_, octets, kind) => {
    expect(classify(octets)).toBe(kind);
  });
});

it.each([
  [[0x6b, 0x04, 1, 2, 3, 4], "reply"],
  [[0x6b, 0x81, 4, 1, 2, 3, 4], "reply"],
  [[0x6b, 0x84, 0, 0, 0, 4, 1, 2, 3, 4], "reply"],
  [[0x6b, 0x85, 0, 0, 0, 0, 4, 1, 2, 3, 4], "garbage"],
  [[0x6b, 0x80, 1, 2, 0, 0], "garbage"],
  [[0x6b, 0x80, ...new Uint8Array(128)], "garbage"],
  [[0x6b, 0x84, 0, 0], "garbage"],
  [[0x6b], "garbage"],
  [[], "garbage"],
])("the octets %j are a %s", (octets, kind) => {
  expect(classifyReplyTo(asReq())(Uint8Array.from(octets))).toBe(kind);
});

it.each([
  [0x6a, "AS-REQ"],
  [0x6c, "TGS-REQ"],
  [0x6e, "KRB"],
  [0x6b, "KRB"],
])("a request that begins with %s is called %s", (tag, name) => {
  expect(requestName(Uint8Array.of(tag, 0))).toBe(name);
});
