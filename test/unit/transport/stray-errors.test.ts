// A KRB-ERROR by UDP that is about something else than what was asked: anybody can send one.

import { describe, expect, it } from "vitest";
import { encodeKrbError, parsePrincipal } from "../../../src/krb5/index.ts";
import { detectRuntime } from "../../../src/runtime/index.ts";
import { exchangeWithKdc, parseEndpoint } from "../../../src/transport/index.ts";
import { udpKdc } from "../../support/fake-kdc.ts";
import { firstRequest } from "../client/harness.ts";

const exchange = (endpoint: string, request: Uint8Array) =>
  exchangeWithKdc({
    realm: "TEST.EXAMPLE",
    endpoints: [parseEndpoint(endpoint)],
    request,
    runtime: detectRuntime(),
    timeoutMs: 3000,
  });

const errorOf = (realm: string, nameString: string[]) =>
  encodeKrbError({
    pvno: 5,
    msgType: 30,
    stime: new Date(),
    susec: 0,
    errorCode: 24,
    realm,
    sname: { nameType: 2, nameString },
  });

describe("an error by UDP", () => {
  it("TR14: passes over an error about another realm or service than the request", async () => {
    const request = firstRequest(parsePrincipal("krbtgt/TEST.EXAMPLE@TEST.EXAMPLE"));
    const own = errorOf("TEST.EXAMPLE", ["krbtgt", "TEST.EXAMPLE"]);
    const kdc = await udpKdc((answer) => {
      answer(errorOf("OTHER.EXAMPLE", ["krbtgt", "TEST.EXAMPLE"]));
      answer(errorOf("TEST.EXAMPLE", ["host", "other"]));
      answer(own);
    });
    expect((await exchange(`udp://127.0.0.1:${kdc.port}`, request)).reply).toEqual(own);
  });

  it("TR14: takes one in the KDC's own case, or that names no service, or its own", async () => {
    const request = firstRequest(parsePrincipal("kadmin/changepw@TEST.EXAMPLE"));
    for (const error of [
      errorOf("test.example", ["KADMIN", "changepw"]),
      errorOf("<unspecified realm>", []),
      errorOf("TEST.EXAMPLE", ["krbtgt", "TEST.EXAMPLE"]),
    ]) {
      const kdc = await udpKdc((answer) => answer(error));
      expect((await exchange(`udp://127.0.0.1:${kdc.port}`, request)).reply).toEqual(error);
    }
  });
});
