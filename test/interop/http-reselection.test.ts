// HTTP Negotiate in three steps, where the client's first choice is NTLM (gss-ntlmssp) and krb5 is agreed on: at
// mod_auth_gssapi, and at createNegotiateServer with libgssapi's initiator. All steps are of one connection.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { decodeBase64, decodeHex, encodeBase64 } from "../../src/bytes/index.ts";
import { createInitiator, createReplayCache } from "../../src/entry/gssapi.ts";
import { createNegotiateServer, expressNegotiate, type IncomingRequest } from "../../src/entry/http.ts";
import { createClient } from "../../src/entry/index.ts";
import { describeToken } from "../../src/entry/spnego.ts";
import { KRB5, NTLM } from "../../src/spnego/mechanisms.ts";
import { decodeResponse, encodeInit, encodeMechanisms, encodeResponse } from "../../src/spnego/tokens.ts";
import { NTLMSSP, ntlmEnv, startApache, startMitBed } from "../../tools/beds/index.mjs";
import { ALL_FLAGS, arrive } from "../support/gss-arrival.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";

const SPNEGO = "1.3.6.1.5.5.2";
const KRB5_OID = "1.2.840.113554.1.2.2";
const NTLM_NEGOTIATE = decodeHex("4e544c4d5353500001000000b78208e2");
const GARBAGE = new Uint8Array(28).fill(7);

interface Answer {
  readonly status: number | undefined;
  readonly token: Uint8Array | undefined;
  readonly user: string | undefined;
  readonly text: string;
}

/** Requests over one connection. */
function connection(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    ask: async (token: Uint8Array): Promise<Answer> => {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const headers = { authorization: `Negotiate ${encodeBase64(token)}` };
        httpRequest(url, { agent, headers }, resolve).on("error", reject).end();
      });
      let text = "";
      for await (const chunk of answer.setEncoding("utf8")) text += chunk;
      const [, base64] = /^Negotiate ([A-Za-z0-9+/=]+)$/.exec(answer.headers["www-authenticate"] ?? "") ?? [];
      return {
        status: answer.statusCode,
        token: base64 === undefined ? undefined : decodeBase64(base64),
        user: answer.headers["x-remote-user"] as string | undefined,
        text,
      };
    },
    close: () => agent.destroy(),
  };
}

describe.runIf(wholeTable)("three steps over HTTP", { timeout: 60_000 }, () => {
  describeLive(["mit", "python-gssapi", "gss-ntlmssp", "apache"], "NTLM first, krb5 agreed on", () => {
    const bed = useBed(() => startMitBed());
    const folder = useBed(async () => {
      const at = mkdtempSync(path.join(tmpdir(), "krb5-remctl-ntlm-"));
      return { path: at, close: async () => rmSync(at, { recursive: true, force: true }) };
    });
    const apache = useBed(async () => startApache({ bed: bed(), env: await ntlmEnv(folder().path) }));
    const alice = () => `alice@${bed().realm}`;

    describe("mod_auth_gssapi with gss-ntlmssp", () => {
      /** An initiator made by hand, up to the server's MIC. */
      async function begin() {
        const list = encodeMechanisms([NTLM, KRB5]);
        const inner = createInitiator({
          target: "HTTP@localhost",
          credential: createClient({
            credentials: { principal: alice(), password: bed().passwords.alice as string },
            kdc: bed().kdc,
          }),
        });
        const own = await inner.step();
        const over = connection(`${apache().url}/negotiated/`);
        const first = await over.ask(encodeInit({ list, token: NTLM_NEGOTIATE }));
        const second = await over.ask(encodeResponse({ token: own }));
        return { list, inner, over, first, second };
      }

      it("the list is protected by MICs both ways, and the third answer is the page", async () => {
        const { list, inner, over, first, second } = await begin();
        expect([first.status, describeToken(first.token as Uint8Array)]).toMatchObject([
          401,
          { kind: "spnego-response", state: "request-mic", mechanism: { oid: KRB5_OID } },
        ]);
        const { token, mic } = decodeResponse(second.token as Uint8Array);
        await inner.step(token);
        inner.verifyMic(list, mic as Uint8Array);
        const last = await over.ask(encodeResponse({ state: 0, mic: inner.getMic(list) }));
        over.close();
        expect([second.status, last.status, last.user, last.text]).toEqual([401, 200, alice(), "hello negotiated\n"]);
      });

      it("a wrong MIC in the third step is refused", async () => {
        const { over } = await begin();
        const last = await over.ask(encodeResponse({ state: 0, mic: GARBAGE }));
        over.close();
        expect([last.status, last.user]).toEqual([401, ""]);
      });
    });

    describe("createNegotiateServer and libgssapi's initiator", () => {
      const site = useBed(async () => {
        const negotiate = createNegotiateServer({
          keytab: new Uint8Array(readFileSync(bed().keytab.service)),
          replayCache: createReplayCache(),
        });
        const middleware = expressNegotiate(negotiate);
        const server = createServer((request, response) => {
          void middleware(request as unknown as IncomingRequest, response, () => {
            const { kerberos } = request as unknown as { readonly kerberos: { readonly principal: string } };
            response.end(`hello ${kerberos.principal}\n`);
          });
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return {
          url: `http://localhost:${(server.address() as AddressInfo).port}/`,
          close: async () => {
            server.closeAllConnections();
            server.close();
          },
        };
      });

      /** Its first two steps, over one connection. */
      async function begin() {
        const login = await bed().kinit(alice(), { password: bed().passwords.alice as string });
        const env = { ...login.env, ...(await ntlmEnv(folder().path)) };
        const offer = [NTLMSSP, KRB5_OID];
        const arrival = await arrive(env, "HTTP@localhost", { mech: SPNEGO, offer, flags: ALL_FLAGS });
        const over = connection(site().url);
        const states: unknown[] = [];
        for (let step = 0; step < 2; step++) {
          const { status, token } = await over.ask(await arrival.peer.receiveToken());
          states.push(status, decodeResponse(token as Uint8Array).state);
          arrival.peer.sendToken(token as Uint8Array);
        }
        const last = await arrival.peer.receiveToken();
        const close = async () => {
          over.close();
          arrival.close();
          await arrival.program;
        };
        return { states, over, last, close };
      }

      it("is let in at the third step", async () => {
        const { states, over, last, close } = await begin();
        const { status, text } = await over.ask(last);
        await close();
        expect(states).toEqual([401, 3, 401, 1]);
        expect([status, text]).toEqual([200, `hello ${alice()}\n`]);
      });

      it("is not let in with its third step on another connection", async () => {
        const { last, close } = await begin();
        const other = connection(site().url);
        const { status, text } = await other.ask(last);
        other.close();
        await close();
        expect(status).toBe(401);
        expect(text).not.toContain("hello");
      });
    });
  });
});
