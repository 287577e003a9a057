// A replica with an old database beside the primary KDC: after 6, 23 and 24 the primary is asked, once.

import { beforeEach, describe, expect, it } from "vitest";
import {
  type ClientOptions,
  createClient,
  createKerberos,
  KerberosError,
  password,
  type TraceEvent,
} from "../../../src/entry/index.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import type { Dial } from "../../../src/host/index.ts";
import { rejectedWith } from "../../support/rejected.ts";

const TGS = "krbtgt/TEST.EXAMPLE@TEST.EXAMPLE";
const realmOf = (principals: object) => createTestRealm({ realm: "TEST.EXAMPLE", principals: { ...principals } });

let replica: TestRealm;
let primary: TestRealm;
/** Hosts that were asked, and where proofs went. */
let asked: string[];
let proofs: number;

beforeEach(async () => {
  asked = [];
  proofs = 0;
  replica = await realmOf({ alice: { password: "old" }, carol: { password: "same" } });
  primary = await realmOf({ alice: { password: "new" }, bob: { password: "young" }, carol: { password: "same" } });
});

const onTrace = (event: TraceEvent): void => {
  if (event.type === "kdc-request") asked.push(event.endpoint.replace(/^tcp:\/\/|:88$/g, ""));
  if (event.type === "preauth-chosen") proofs += 1;
};

const dial: Dial = (host, port, options) => {
  if (host === "down.test") throw new Error("connection refused");
  return (host === "primary.test" ? primary : replica).dial(host, port, options);
};

const configOf = (kdcs: string[], primaries: string[]) =>
  `[libdefaults]\n dns_lookup_kdc = false\n[realms]\n TEST.EXAMPLE = {\n${kdcs.map((host) => `  kdc = ${host}\n`).join("")}${primaries
    .map((host) => `  primary_kdc = ${host}\n`)
    .join("")} }\n`;

function clientOf(name: string, password: string, more: Partial<ClientOptions> = {}) {
  const config = configOf(["replica.test"], ["primary.test"]);
  const credentials = { principal: `${name}@TEST.EXAMPLE`, password };
  return createClient({ credentials, config, dial, onTrace, ...more });
}

const failure = rejectedWith(KerberosError);

describe("the primary KDC", () => {
  it("is asked after a replica with the old password, and rests nothing", async () => {
    await clientOf("alice", "new").getTicket(TGS);
    expect(asked).toEqual(["replica.test", "replica.test", "primary.test", "primary.test"]);
    expect(proofs).toBe(2);
  });

  it("is asked after a replica that does not know a new principal", async () => {
    await clientOf("bob", "young").getTicket(TGS);
    expect(asked).toEqual(["replica.test", "primary.test", "primary.test"]);
  });

  it("is asked after a replica where a password has ended that was changed", async () => {
    replica.fault({ on: "as-req", name: "krb-error", code: 23 });
    await clientOf("carol", "same").getTicket(TGS);
    expect(asked).toEqual(["replica.test", "primary.test", "primary.test"]);
  });

  it("its answer counts: a wrong password is one, and rests", async () => {
    const client = clientOf("alice", "wrong");
    expect((await failure(client.getTicket(TGS))).code).toBe("WRONG_PASSWORD");
    expect(proofs).toBe(2);
    expect((await failure(client.getTicket(TGS))).message).toContain("not tried again before");
    expect(proofs).toBe(2);
  });

  it.each([18, 12, 14, 31, 60])("is not asked after error %i", async (code) => {
    replica.fault({ on: "as-req", name: "krb-error", code });
    await failure(clientOf("carol", "same").getTicket(TGS));
    expect(asked).not.toContain("primary.test");
  });

  it("is not asked where it has answered, under whatever name, or where none is named", async () => {
    for (const primaries of [[], ["REPLICA.test"], ["other.test", "replica.test"]]) {
      asked = [];
      const config = configOf(["replica.test"], primaries);
      expect((await failure(clientOf("alice", "new", { config }).getTicket(TGS))).code).toBe("WRONG_PASSWORD");
      expect(asked).toEqual(["replica.test", "replica.test"]);
    }
    asked = [];
    // KDCs that an option names are all alike.
    await failure(clientOf("alice", "new", { kdc: ["tcp://replica.test"] }).getTicket(TGS));
    expect(asked).toEqual(["replica.test", "replica.test"]);
  });

  it("that cannot be reached leaves the replica's answer as it is, which rests", async () => {
    const client = clientOf("alice", "new", { config: configOf(["replica.test"], ["down.test"]) });
    expect((await failure(client.getTicket(TGS))).code).toBe("WRONG_PASSWORD");
    expect((await failure(client.getTicket(TGS))).message).toContain("not tried again before");
    expect(proofs).toBe(1);
  });

  it("that answers with what is no ticket has answered: that is the error, and the replica's rests nothing", async () => {
    const fault = primary.fault({ on: "as-rep", name: "wrong-nonce" });
    const client = clientOf("alice", "new");
    expect((await failure(client.getTicket(TGS))).code).toBe("REPLY_MODIFIED");
    fault.clear();
    await client.getTicket(TGS);
  });

  it("that is being asked when the caller gives up is not said to have refused", async () => {
    const gone = new AbortController();
    const more = {
      onTrace: (event: TraceEvent) => {
        if (event.type === "kdc-request" && event.endpoint.includes("primary")) gone.abort();
      },
    };
    // A login by itself: a client gives its callers up before the login has ended.
    const kerberos = createKerberos({ config: configOf(["replica.test"], ["primary.test"]), dial, ...more });
    const login = kerberos.login(password("alice@TEST.EXAMPLE", "new"), { signal: gone.signal });
    await expect(login).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("gets no second proof after one that was remembered", async () => {
    let nowMs = Date.now();
    const client = clientOf("carol", "same", { now: () => nowMs, skewSeconds: 1e6 });
    await client.getTicket(TGS);
    nowMs += 24 * 3_600_000;
    asked = [];
    proofs = 0;
    replica.fault({ on: "as-req", name: "krb-error", code: 24, count: 1 });
    await failure(client.getTicket(TGS));
    expect(asked).toEqual(["replica.test", "replica.test"]);
    expect(proofs).toBe(1);
  });
});
