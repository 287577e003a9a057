// SPAKE (RFC 9588) with MIT's KDC: each group, a challenge that comes unasked, the next login, and what is refused.

import { expect, it } from "vitest";
import { createClient, createKerberos, parseKrb5Conf, password, type TraceEvent } from "../../src/entry/index.ts";
import { createClient as createLeanClient, encTimestamp } from "../../src/entry/lean/node.ts";
import { edwards25519, p256, p384, p521, spake } from "../../src/entry/spake.ts";
import { startMitLoginsBed } from "../../tools/beds/index.mjs";
import { describeLive, useBed } from "../support/live.ts";

const PASSWORD = "alice-password";
const GROUPS = { edwards25519, "P-256": p256, "P-384": p384, "P-521": p521 };

describeLive(["mit", "mit-logins"], "SPAKE at an MIT KDC", () => {
  const bed = useBed(() => startMitLoginsBed(), 60_000);
  type Policy = Parameters<ReturnType<typeof bed>["kdcOf"]>[0];

  /** One way to it alone: a KDC that is slow is asked by the other one too, and the requests are counted. */
  const kdcOf = async (policy: Policy) => (await bed().kdcOf(policy)).kdc.slice(0, 1);

  /** A login by the main client: its trace, by the types of its events, and what it noted. */
  async function login(policy: Policy, secret = PASSWORD, options: Parameters<typeof createClient>[0] = {}) {
    const events: TraceEvent[] = [];
    const client = createClient({
      credentials: { principal: `alice@${bed().realm}`, password: secret },
      kdc: await kdcOf(policy),
      onTrace: (event) => events.push(event),
      ...options,
    });
    const ask = () => client.getTicket(`host/localhost@${bed().realm}`);
    return { client, events, ask };
  }

  const notes = (events: readonly TraceEvent[]) =>
    events.flatMap((event) => (event.type === "note" && event.text.startsWith("SPAKE") ? [event.text] : []));
  const requests = (events: readonly TraceEvent[]) => events.filter(({ type }) => type === "kdc-request").length;

  it.each(Object.keys(GROUPS) as (keyof typeof GROUPS)[])(
    "logs in by %s, and refuses a wrong password",
    async (name) => {
      const { ask, events } = await login(`spake-${name}`);
      const ticket = await ask();
      expect(ticket.client.components).toEqual(["alice"]);
      expect(notes(events)).toEqual([`SPAKE in the group ${name}`]);
      const wrong = await login(`spake-${name}`, "wrong");
      await expect(wrong.ask()).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
      expect(notes(wrong.events)).toHaveLength(1);
    },
  );

  it("takes an optimistic challenge, one round trip earlier", async () => {
    const { ask, events } = await login("optimistic");
    await ask();
    expect(notes(events)).toEqual(["SPAKE in the group P-256"]);
    // AS-REQ, AS-REQ with the response, TGS-REQ.
    expect(requests(events)).toBe(3);
  });

  it("passes over an optimistic challenge of a group that it does not have", async () => {
    const preauth = [spake({ groups: [edwards25519] })];
    const { ask, events } = await login("optimistic", PASSWORD, { preauth });
    await ask();
    expect(notes(events)).toEqual(["SPAKE in the group edwards25519"]);
    expect(requests(events)).toBe(4);
  });

  it("begins the next login with its groups, two round trips in all", async () => {
    const events: TraceEvent[] = [];
    const kerberos = createKerberos({ kdc: await kdcOf("spake"), onTrace: (event) => events.push(event) });
    const alice = password(`alice@${bed().realm}`, PASSWORD);
    expect((await kerberos.login(alice)).preauthType).toBe(151);
    expect(requests(events)).toBe(3);
    events.length = 0;
    expect((await kerberos.login(alice)).preauthType).toBe(151);
    expect(requests(events)).toBe(2);
    expect(notes(events)).toHaveLength(1);
  });

  it("is preferred to a timestamp, and to nothing where the KDC has no group of ours", async () => {
    const { ask, events } = await login("all");
    await ask();
    expect(notes(events)).toEqual(["SPAKE in the group edwards25519"]);
    const preauth = [spake({ groups: [p521] }), encTimestamp];
    const none = await login("spake-P-256", PASSWORD, { preauth });
    await expect(none.ask()).rejects.toMatchObject({ code: "PREAUTH" });
  });

  it("offers the groups of spake_preauth_groups", async () => {
    const events: TraceEvent[] = [];
    const { kdc } = await bed().kdcOf("spake");
    const config = parseKrb5Conf("[libdefaults]\n spake_preauth_groups = P-384 edwards25519\n");
    await createKerberos({ config, kdc, onTrace: (event) => events.push(event) }).login(
      password(`alice@${bed().realm}`, PASSWORD),
    );
    expect(notes(events)).toEqual(["SPAKE in the group P-384"]);
  });

  it("is a value for the small client", async () => {
    const kdc = (await bed().kdcOf("spake-P-256")).kdc.filter((one) => one.startsWith("tcp:"));
    const credentials = { principal: `alice@${bed().realm}`, password: PASSWORD };
    const client = createLeanClient({ credentials, kdc, preauth: [spake({ groups: [p256] })] });
    await client.getTicket(`host/localhost@${bed().realm}`);
    // Its default has the timestamp alone, which this KDC does not take.
    const without = createLeanClient({ credentials, kdc });
    await expect(without.getTicket(`host/localhost@${bed().realm}`)).rejects.toMatchObject({
      code: "PREAUTH_UNSUPPORTED",
    });
  });
});
