// Enterprise names (RFC 6806 section 5): a person logs in by a name that is no principal of the realm, and is led to the one that is.

import { expect, it } from "vitest";
import { createClient, formatPrincipal, parsePrincipal } from "../../src/entry/index.ts";
import { createTestRealm, type TestRealm } from "../../src/entry/testing.ts";
import { startHeimdalBed } from "../../tools/beds/index.mjs";
import { describeLive, useBed } from "../support/live.ts";

const enterprise = (text: string) => parsePrincipal(text, { isEnterprise: true });

async function realms(): Promise<readonly [TestRealm, TestRealm]> {
  const home = await createTestRealm({ realm: "CORP.EXAMPLE", principals: { "host/a.corp.example": {} } });
  const branch = await createTestRealm({
    realm: "BRANCH.EXAMPLE",
    principals: {
      dora: { password: "secret", aliases: ["dora@mail.example"] },
      "host/b.branch.example": {},
    },
    trusts: [home],
  });
  return [home, branch];
}

it("of another realm: the KDC's referral is followed, and tickets of both realms are had", async () => {
  const [home, branch] = await realms();
  const client = createClient({
    credentials: { principal: enterprise("dora@mail.example@CORP.EXAMPLE"), password: "secret" },
    kdc: { "CORP.EXAMPLE": home.kdc, "BRANCH.EXAMPLE": branch.kdc },
    dial: home.dial,
  });
  for (const [host, realm] of [
    ["b.branch.example", "BRANCH.EXAMPLE"],
    ["a.corp.example", "CORP.EXAMPLE"],
  ] as const) {
    for (const name of [`host/${host}`, `host/${host}@${realm}`]) {
      const { client: who, service } = await client.getTicket(name);
      expect([who, service].map(formatPrincipal)).toEqual(["dora@BRANCH.EXAMPLE", `host/${host}@${realm}`]);
    }
  }
  await Promise.all([home.close(), branch.close()]);
});

it("that nobody has: the client is not known", async () => {
  const [home, branch] = await realms();
  const client = createClient({
    credentials: { principal: enterprise("nobody@mail.example@CORP.EXAMPLE"), password: "secret" },
    kdc: { "CORP.EXAMPLE": home.kdc, "BRANCH.EXAMPLE": branch.kdc },
    dial: home.dial,
  });
  await expect(client.getTicket("host/a.corp.example")).rejects.toMatchObject({ code: "CLIENT_UNKNOWN" });
  await Promise.all([home.close(), branch.close()]);
});

describeLive("heimdal", "an enterprise name at a Heimdal KDC", () => {
  const bed = useBed(() => startHeimdalBed());

  it("leads to the principal", async () => {
    const { realm, kdc, passwords } = bed();
    const client = createClient({
      credentials: { principal: enterprise(`alice@${realm}@${realm}`), password: passwords.alice as string },
      kdc,
    });
    const ticket = await client.getTicket(`host/localhost@${realm}`);
    expect(formatPrincipal(ticket.client)).toBe(`alice@${realm}`);
  });
});
