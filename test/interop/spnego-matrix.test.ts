// Every row of what SPNEGO may send (RFC 4178 section 5, MS-SPNG), made by hand, at MIT's libgssapi and at ours: both
// must answer the same.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { concat, decodeHex, encodeText, equal } from "../../src/bytes/index.ts";
import { createAcceptor, createInitiator, createReplayCache, type SecurityContext } from "../../src/entry/gssapi.ts";
import { createClient } from "../../src/entry/index.ts";
import { createSpnegoAcceptor, createSpnegoInitiator } from "../../src/entry/spnego.ts";
import { KRB5, MICROSOFT_KRB5, NTLM } from "../../src/spnego/mechanisms.ts";
import {
  decodeInit,
  decodeResponse,
  encodeMechanisms,
  encodeResponse,
  type NegTokenResp,
} from "../../src/spnego/tokens.ts";
import { startGssAcceptor, startMitBed } from "../../tools/beds/index.mjs";
import { ALL_FLAGS, arriveOften } from "../support/gss-arrival.ts";
import { GssPeer } from "../support/gss-peer.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";

const SPNEGO = "1.3.6.1.5.5.2";
const NEGOEX = decodeHex("2b06010401823702021e");
const MUTUAL = 2;
const NTLM_NEGOTIATE = decodeHex("4e544c4d5353500001000000b78208e2");
const [COMPLETED, INCOMPLETE, REJECT, REQUEST_MIC] = [0, 1, 2, 3];
const NOTHING = new Uint8Array(0);
const GARBAGE = new Uint8Array(28).fill(7);

function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const contents = concat(...parts);
  const { length } = contents;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concat(Uint8Array.of(tag, ...size), contents);
}

function offerOf(list: Uint8Array, token?: Uint8Array, mic?: Uint8Array): Uint8Array {
  const fields = [
    tlv(0xa0, list),
    ...(token === undefined ? [] : [tlv(0xa2, tlv(0x04, token))]),
    ...(mic === undefined ? [] : [tlv(0xa3, tlv(0x04, mic))]),
  ];
  return tlv(0x60, tlv(0x06, decodeHex("2b0601050502")), tlv(0xa0, tlv(0x30, ...fields)));
}

/** An answer in words: its state, the mechanism, what comes with it. */
function words(octets: Uint8Array): string {
  const { state, mechanism, token, mic } = decodeResponse(octets);
  const states = ["completed", "incomplete", "reject", "request-mic"];
  const name = ["krb5", "ms", "ntlm"].find((_, at) => {
    const one = [KRB5, MICROSOFT_KRB5, NTLM][at];
    return one !== undefined && mechanism !== undefined && equal(one, mechanism);
  });
  return [
    state === undefined ? "-" : states[state],
    ...(mechanism === undefined ? [] : [name]),
    ...(token === undefined ? [] : ["token"]),
    ...(mic === undefined ? [] : ["mic"]),
  ].join(" ");
}

/** What stands at the other side, ours or MIT's. */
interface Other {
  /** Its answer; undefined where it has none to give. Throws where it refuses. */
  take(octets: Uint8Array, isAnswered: boolean): Promise<Uint8Array | undefined>;
  isEstablished(): Promise<boolean>;
  close(): Promise<void>;
}

function ours(context: SecurityContext): Other {
  return {
    take: (octets) => context.step(octets),
    isEstablished: async () => context.isEstablished,
    close: async () => context.dispose(),
  };
}

function mits(peer: GssPeer, close: () => Promise<void>): Other {
  return {
    async take(octets, isAnswered) {
      peer.sendToken(octets);
      if (!isAnswered) return undefined;
      const answer = await peer.receiveToken();
      // An acceptor refuses in words.
      if (answer[0] === 0xa1 && decodeResponse(answer).state === REJECT) throw new Error("rejected");
      return answer;
    },
    isEstablished: async () => (await peer.askForFacts("I")).mech === "1.2.840.113554.1.2.2",
    close,
  };
}

describe.runIf(wholeTable)("the matrix of SPNEGO", { timeout: 60_000 }, () => {
  describeLive(["mit", "python-gssapi"], "libgssapi and ours", () => {
    const bed = useBed(() => startMitBed());
    const mitAcceptor = useBed(() => startGssAcceptor({ bed: bed() }));
    const keytab = () => new Uint8Array(readFileSync(bed().keytab.service));
    const credential = () =>
      createClient({
        credentials: { principal: `alice@${bed().realm}`, password: bed().passwords.alice as string },
        kdc: bed().kdc,
      });
    const accepting = () => ({ keytab: keytab(), service: "host", replayCache: createReplayCache() });
    const target = "host@localhost";

    const acceptors: Record<string, () => Promise<Other>> = {
      "libgssapi's acceptor": async () => {
        const peer = await GssPeer.connect(mitAcceptor().port);
        return mits(peer, async () => peer.close());
      },
      "our acceptor": async () => ours(createSpnegoAcceptor(accepting())),
    };

    interface Offer {
      readonly mechanisms: readonly Uint8Array[];
      readonly mutual?: false;
      /** What comes with the offer; default the token of krb5. */
      readonly token?: Uint8Array | "none";
      readonly mic?: (list: Uint8Array, inner: SecurityContext) => Uint8Array;
      /** Sends a MIC that is wrong, or none, where one is due. */
      readonly lastMic?: "wrong" | "none";
      /** What is answered, and how it ends. */
      readonly expected: readonly string[];
      /** The same at MIT's, where it differs. */
      readonly atMit?: readonly string[];
    }

    const OFFERS: Record<string, Offer> = {
      "krb5 first": { mechanisms: [KRB5], expected: ["completed krb5 token", "established"] },
      "krb5 first, not mutual": { mechanisms: [KRB5], mutual: false, expected: ["completed krb5", "established"] },
      "Windows's list": {
        mechanisms: [MICROSOFT_KRB5, KRB5, NEGOEX, NTLM],
        expected: ["completed ms token", "established"],
      },
      "init without mechToken": {
        mechanisms: [KRB5],
        token: "none",
        expected: ["incomplete krb5", "completed token", "established"],
      },
      "init without mechToken, not mutual": {
        mechanisms: [KRB5],
        mutual: false,
        token: "none",
        expected: ["incomplete krb5", "completed", "established"],
      },
      "NTLM first": {
        mechanisms: [NTLM, KRB5],
        token: NTLM_NEGOTIATE,
        expected: ["request-mic krb5", "incomplete token mic", "established"],
      },
      "NTLM first, not mutual": {
        mechanisms: [NTLM, KRB5],
        mutual: false,
        token: NTLM_NEGOTIATE,
        expected: ["request-mic krb5", "completed mic", "established"],
      },
      "NTLM first, and the last MIC wrong": {
        mechanisms: [NTLM, KRB5],
        token: NTLM_NEGOTIATE,
        lastMic: "wrong",
        expected: ["request-mic krb5", "incomplete token mic", "refused"],
      },
      "NTLM first, and no last MIC": {
        mechanisms: [NTLM, KRB5],
        token: NTLM_NEGOTIATE,
        lastMic: "none",
        expected: ["request-mic krb5", "incomplete token mic", "refused"],
      },
      "NegoEx first, with its token": {
        mechanisms: [NEGOEX, KRB5],
        token: concat(encodeText("NEGOEXTS"), new Uint8Array(88)),
        expected: ["request-mic krb5", "incomplete token mic", "established"],
      },
      "NegoEx first, without a token": {
        mechanisms: [NEGOEX, KRB5],
        token: "none",
        expected: ["request-mic krb5", "incomplete token mic", "established"],
      },
      "a right mechListMIC with the offer": {
        mechanisms: [KRB5],
        mutual: false,
        mic: (list, inner) => inner.getMic(list),
        expected: ["completed krb5 mic", "established"],
        // It leaves out supportedMech, which the first answer has (RFC 4178 section 4.2.2).
        atMit: ["completed mic", "established"],
      },
      "a garbage mechListMIC with the offer": {
        mechanisms: [KRB5],
        mic: () => GARBAGE,
        expected: ["refused"],
      },
      "a garbage mechListMIC with the offer, not mutual": {
        mechanisms: [KRB5],
        mutual: false,
        mic: () => GARBAGE,
        expected: ["refused"],
      },
      "NTLM alone": { mechanisms: [NTLM], token: NTLM_NEGOTIATE, expected: ["refused"] },
      "an empty list": { mechanisms: [], token: "none", expected: ["refused"] },
    };

    async function initiate(other: Other, offer: Offer): Promise<string[]> {
      const { mechanisms, mutual = true, token = "krb5", mic, lastMic } = offer;
      const list = encodeMechanisms(mechanisms);
      const inner = createInitiator({ target, credential: credential(), flags: { mutual } });
      const own = await inner.step();
      const sent = token === "krb5" ? own : token === "none" ? undefined : token;
      const said: string[] = [];
      try {
        let answer = await other.take(offerOf(list, sent, mic?.(list, inner)), true);
        let isSent = sent === own;
        while (answer !== undefined) {
          said.push(words(answer));
          const reply: NegTokenResp = decodeResponse(answer);
          if (reply.token !== undefined && reply.token.length > 0) await inner.step(reply.token);
          if (reply.mic !== undefined) inner.verifyMic(list, reply.mic);
          answer = undefined;
          if (!isSent) {
            isSent = true;
            const due = reply.state === REQUEST_MIC && inner.isEstablished ? inner.getMic(list) : undefined;
            answer = await other.take(encodeResponse({ token: own, mic: due }), true);
          } else if (reply.state === INCOMPLETE && reply.mic !== undefined) {
            const due = lastMic === "wrong" ? GARBAGE : lastMic === "none" ? undefined : inner.getMic(list);
            await other.take(encodeResponse({ state: COMPLETED, mic: due }), false);
          }
        }
        return [...said, (await other.isEstablished()) ? "established" : "unfinished"];
      } catch {
        return [...said, "refused"];
      } finally {
        await other.close();
      }
    }

    describe.each(Object.keys(acceptors))("%s is offered", (name) => {
      it.each(Object.entries(OFFERS))("%s", async (_, offer) => {
        const other = await (acceptors[name] as () => Promise<Other>)();
        const expected = name.startsWith("libgssapi") ? (offer.atMit ?? offer.expected) : offer.expected;
        expect(await initiate(other, offer)).toEqual(expected);
      });
    });

    interface Begun extends Other {
      readonly first: Uint8Array;
    }

    /** libgssapi's, one for mutual authentication and one without it: each row is a connection of its program. */
    const mitInitiators = useBed(async () => {
      const { env } = await bed().kinit(`alice@${bed().realm}`, { password: bed().passwords.alice as string });
      const begin = (flags: number) =>
        arriveOften(env, `host/localhost@${bed().realm}`, { mech: SPNEGO, flags, times: Object.keys(ANSWERS).length });
      const mutual = await begin(ALL_FLAGS);
      const other = await begin(ALL_FLAGS & ~MUTUAL);
      return {
        next: (isMutual: boolean) => (isMutual ? mutual : other).next(),
        close: async () => {
          mutual.close();
          other.close();
        },
      };
    }, 60_000);

    const initiators: Record<string, (mutual: boolean) => Promise<Begun>> = {
      "libgssapi's initiator": async (mutual) => {
        const peer = await mitInitiators().next(mutual);
        return { first: await peer.receiveToken(), ...mits(peer, async () => peer.close()) };
      },
      "our initiator": async (mutual) => {
        const context = createSpnegoInitiator({ target, credential: credential(), flags: { mutual } });
        return { first: (await context.step()) as Uint8Array, ...ours(context) };
      },
    };

    interface Answer {
      readonly mutual?: false;
      readonly answer: (parts: { token: Uint8Array | undefined; mic: Uint8Array }) => NegTokenResp;
      /** What is answered to that, and how it ends. */
      readonly expected: readonly string[];
    }

    const ANSWERS: Record<string, Answer> = {
      "completed, with the token": {
        answer: ({ token }) => ({ state: COMPLETED, mechanism: KRB5, token }),
        expected: ["established"],
      },
      "completed, without the name of the mechanism": {
        answer: ({ token }) => ({ state: COMPLETED, token }),
        expected: ["established"],
      },
      "completed, without a token, not mutual": {
        mutual: false,
        answer: () => ({ state: COMPLETED, mechanism: KRB5 }),
        expected: ["established"],
      },
      "completed, with an empty token, not mutual": {
        mutual: false,
        answer: () => ({ state: COMPLETED, mechanism: KRB5, token: NOTHING }),
        expected: ["established"],
      },
      "a MIC that was not asked for": {
        answer: ({ token, mic }) => ({ state: COMPLETED, mechanism: KRB5, token, mic }),
        expected: ["completed mic", "established"],
      },
      "request-mic, with token and MIC": {
        answer: ({ token, mic }) => ({ state: REQUEST_MIC, mechanism: KRB5, token, mic }),
        expected: ["completed mic", "established"],
      },
      "a wrong MIC": {
        answer: ({ token }) => ({ state: COMPLETED, mechanism: KRB5, token, mic: GARBAGE }),
        expected: ["refused"],
      },
      "the token once more in the MIC's place": {
        answer: ({ token }) => ({ state: COMPLETED, mechanism: KRB5, token, mic: token }),
        expected: ["established"],
      },
      "completed, without the token that is due": {
        answer: () => ({ state: COMPLETED, mechanism: KRB5 }),
        expected: ["refused"],
      },
      "a token that is not due, not mutual": {
        mutual: false,
        answer: () => ({ state: COMPLETED, mechanism: KRB5, token: GARBAGE }),
        expected: ["refused"],
      },
      "a mechanism that was not offered": {
        answer: ({ token }) => ({ state: COMPLETED, mechanism: NTLM, token }),
        expected: ["refused"],
      },
      rejected: { answer: () => ({ state: REJECT }), expected: ["refused"] },
    };

    async function accept(other: Begun, { answer, expected }: Answer): Promise<string[]> {
      const said: string[] = [];
      try {
        const offer = decodeInit(other.first);
        const inner = createAcceptor(accepting());
        const token = await inner.step(offer.token);
        const mic = inner.getMic(offer.list);
        const reply = await other.take(encodeResponse(answer({ token, mic })), expected.length > 1);
        if (reply !== undefined) {
          said.push(words(reply));
          const { mic: theirs } = decodeResponse(reply);
          if (theirs !== undefined) inner.verifyMic(offer.list, theirs);
        }
        return [...said, (await other.isEstablished()) ? "established" : "unfinished"];
      } catch {
        return [...said, "refused"];
      } finally {
        await other.close();
      }
    }

    describe.each(Object.keys(initiators))("%s is answered", (name) => {
      it.each(Object.entries(ANSWERS))("%s", async (_, answer) => {
        const begin = initiators[name] as (mutual: boolean) => Promise<Begun>;
        const other = await begin(answer.mutual ?? true);
        expect(await accept(other, answer)).toEqual(answer.expected);
      });
    });
  });
});
