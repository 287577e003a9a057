// A client with a KDC in memory, each request in the open: what it asks for, and what of the secret is in it.

import { type ClientOptions, createClient, type RemctlClient } from "../../../src/entry/index.ts";
import { createTestRealm, type TestRealm, type TestRealmOptions } from "../../../src/entry/testing.ts";
import type { Runtime } from "../../../src/host/index.ts";
import { PADATA } from "../../../src/iana/index.ts";
import { applicationTag, decodeAsReq, decodeTgsReq, formatPrincipal, toPrincipal } from "../../../src/krb5/index.ts";
import { nodeRuntime } from "../../../src/runtime/index.ts";
import { udpRuntime } from "../../support/udp-to-realm.ts";

export const REALM = "TEST.EXAMPLE";
export const HOST = `host/server.test.example@${REALM}`;
export const OTHER = `host/other.test.example@${REALM}`;
export const TGS = `krbtgt/${REALM}@${REALM}`;
export const SALT = "of alice";

/** PA-DATA that prove something, by what the tests call them. */
const PROOFS: ReadonlyMap<number, string> = new Map([
  [PADATA.encTimestamp, "timestamp"],
  [PADATA.spake, "spake"],
  [PADATA.encryptedChallenge, "challenge"],
]);

export interface Setting {
  readonly realm: TestRealm;
  /** One word a request: `AS server timestamp`, for example. */
  readonly asked: string[];
  readonly notes: string[];
  nowMs: number;
  /** Answers instead of the realm. */
  answer: (request: Uint8Array, index: number) => Uint8Array | undefined;
  /** Of clients that are made from now on: what their host has beside UDP and files. */
  host: Partial<Runtime>;
  client(options?: Partial<ClientOptions>): RemctlClient;
  /** What was asked since the last look. */
  take(): string[];
}

export async function setting(options: Partial<TestRealmOptions> = {}): Promise<Setting> {
  const self = { nowMs: Date.now(), asked: [] as string[], notes: [] as string[] };
  const realm = await createTestRealm({
    realm: REALM,
    now: () => self.nowMs,
    ...options,
    principals: {
      alice: { password: "secret", salt: SALT },
      robot: {},
      [HOST.split("@")[0] as string]: {},
      [OTHER.split("@")[0] as string]: {},
      ...options.principals,
    },
  });
  const setting: Setting = Object.assign(self, {
    realm,
    answer: () => undefined,
    host: {},
    take: () => self.asked.splice(0),
    client: (more: Partial<ClientOptions> = {}) =>
      createClient({
        credentials: { principal: `alice@${REALM}`, password: "secret" },
        kdc: ["udp://kdc.test.example"],
        now: () => self.nowMs,
        onTrace: (event) => {
          if (event.type === "note") self.notes.push(event.text);
        },
        runtime: { ...udpRuntime((request) => answerOf(setting, request)), ...filesOf(nodeRuntime()), ...setting.host },
        ...more,
      }),
  });
  return setting;
}

function filesOf({ files }: Runtime): Pick<Runtime, "files"> {
  return files === undefined ? {} : { files };
}

function answerOf(setting: Setting, request: Uint8Array): Uint8Array {
  const index = setting.asked.length;
  setting.asked.push(describeRequest(request));
  const own = setting.answer(request, index);
  return own ?? setting.realm.handle(request, { transport: "udp" }) ?? new Uint8Array();
}

function describeRequest(octets: Uint8Array): string {
  const isAs = applicationTag(octets) === 10;
  const { padata = [], reqBody } = isAs ? decodeAsReq(octets) : decodeTgsReq(octets);
  const { sname, realm } = reqBody;
  const service = sname === undefined ? "nobody" : formatPrincipal(toPrincipal(realm, sname));
  const what = service === TGS ? "tgt" : (service.split(/[/.@]/)[1] ?? service);
  const proof = isAs ? padata.map(({ padataType }) => PROOFS.get(padataType)).find(Boolean) : undefined;
  return [isAs ? "AS" : "TGS", what, ...(proof === undefined ? [] : [proof])].join(" ");
}
