// Several clients in one: who asks for a service, whose ticket is handed on, and who forgets; and who hears of a prompt.

import { describe, expect, it } from "vitest";
import {
  Asking,
  ChosenClients,
  type CredentialSource,
  Exchanges,
  KerberosClient,
  type KerberosClientOptions,
} from "../../../src/client/index.ts";
import { CredentialError } from "../../../src/errors.ts";
import { parsePrincipal, type ServiceTicket } from "../../../src/krb5/index.ts";
import { encTypes, refusal } from "./harness.ts";
import { ALICE, NOW, tgtOf } from "./scripted-tgs.ts";

const BOB = parsePrincipal("bob@TWO");
const HOST = parsePrincipal("host/a@TWO");
const OWN = parsePrincipal("host/a@ONE");
const exchanges = new Exchanges({
  loadEncTypes: async () => encTypes,
  trace: () => {},
  now: () => NOW,
  transport: { exchange: async (): Promise<never> => Promise.reject(new Error("a KDC was asked")) },
});
const nobody = (): Promise<never> => Promise.reject(new CredentialError("NO_CREDENTIAL", "nobody is here"));

/** Bob's client, which has a ticket of each kind and notes what it is asked. */
class Bob extends KerberosClient {
  readonly asked: string[] = [];
  readonly ticket: ServiceTicket = tgtOf({ client: BOB, service: HOST });

  constructor() {
    super({ exchanges, principal: BOB, open: nobody });
  }
  override async getTicket(): Promise<ServiceTicket> {
    this.asked.push("ticket");
    return this.ticket;
  }
  override async getForwardedTicket(): Promise<ServiceTicket> {
    this.asked.push("forwarded");
    return this.ticket;
  }
  override async forget(): Promise<void> {
    this.asked.push("forget");
  }
  override clear(): void {
    this.asked.push("clear");
  }
}

function several(open: KerberosClientOptions["open"], source?: Partial<CredentialSource>) {
  const bob = new Bob();
  const chosen = new ChosenClients<KerberosClient>(
    async ({ realm }) => (realm === "TWO" ? ({ principal: BOB, ...source } as CredentialSource) : undefined),
    () => bob,
  );
  return { bob, client: new KerberosClient({ exchanges, open, chosen }) };
}

const openedOf = (principal: typeof ALICE) => {
  let opened = 0;
  const open: KerberosClientOptions["open"] = async () => {
    opened += 1;
    return { principal, defaults: { login: {}, service: {} } };
  };
  return { open, count: () => opened };
};

describe("a client that chooses by service", () => {
  it("gives the other's ticket for a service of the other, and its own otherwise", async () => {
    const { bob, client } = several(openedOf(ALICE).open);
    expect(await client.getTicket(HOST)).toBe(bob.ticket);
    expect(await refusal(client.getTicket(OWN, { cachedOnly: true }))).toMatch(
      /^NO_CREDENTIAL: no ticket for host\/a@ONE/,
    );
    expect(bob.asked).toEqual(["ticket"]);
  });

  it("asks itself where the one that is chosen is who it is already, or is not known", async () => {
    const same = several(openedOf(BOB).open);
    expect(await refusal(same.client.getTicket(HOST, { cachedOnly: true }))).toMatch(/^NO_CREDENTIAL: no ticket/);
    const unknown = several(openedOf(ALICE).open, { principal: undefined } as never);
    expect(await refusal(unknown.client.getTicket(HOST, { cachedOnly: true }))).toMatch(/^NO_CREDENTIAL: no ticket/);
    expect([same.bob.asked, unknown.bob.asked]).toEqual([[], []]);
  });

  it("gives the other's where nobody is there without a choice, and ends at a fault of this program", async () => {
    const { bob, client } = several(nobody);
    expect(await client.getTicket(HOST)).toBe(bob.ticket);
    await expect(client.getTicket(OWN)).rejects.toThrow("nobody is here");
    const broken = several(() => Promise.reject(new RangeError("a fault")));
    await expect(broken.client.getTicket(HOST)).rejects.toThrow("a fault");
    expect(broken.bob.asked).toEqual([]);
  });

  it("hands on the ticket of the one that is named, once that was chosen", async () => {
    const { bob, client } = several(nobody);
    await expect(client.getForwardedTicket({ client: BOB })).rejects.toThrow("nobody is here");
    await client.getTicket(HOST);
    expect(await client.getForwardedTicket({ client: BOB })).toBe(bob.ticket);
    await expect(client.getForwardedTicket({ client: ALICE })).rejects.toThrow("nobody is here");
    await expect(client.getForwardedTicket()).rejects.toThrow("nobody is here");
    expect(bob.asked).toEqual(["ticket", "forwarded"]);
  });

  it("forgets in the one whose ticket it is, and in all where all is to be forgotten", async () => {
    const { bob, client } = several(nobody);
    client.clear();
    await client.forget(bob.ticket);
    expect(bob.asked).toEqual([]);
    await client.getTicket(HOST);
    await client.forget(tgtOf());
    await client.forget(bob.ticket);
    client.clear();
    expect(bob.asked).toEqual(["ticket", "forget", "clear"]);
  });

  it("opens its credentials once", async () => {
    const { open, count } = openedOf(ALICE);
    const { client } = several(open);
    expect(client.principal).toBeUndefined();
    await client.identify();
    expect(await client.identify()).toBe(ALICE);
    expect(client.principal).toBe(ALICE);
    expect(count()).toBe(1);
  });
});

describe("a person who is asked", () => {
  it("is heard of by those who wait, as long as they do; the answer is the prompt's", async () => {
    const asking = new Asking();
    let heard = 0;
    const end = asking.listen(() => heard++);
    const prompts = { password: async (question: object) => `the answer to ${JSON.stringify(question)}` };
    const hearing = asking.hear(prompts as never) as typeof prompts;
    expect(await hearing.password({ n: 1 })).toBe('the answer to {"n":1}');
    end();
    await hearing.password({ n: 2 });
    expect(heard).toBe(1);
  });

  it("is asked by the prompts that are there, and by no others", () => {
    const prompts = { password: async () => "x", pin: undefined };
    expect(Object.keys(new Asking().hear(prompts as never) ?? {})).toEqual(["password"]);
    expect(new Asking().hear(undefined)).toBeUndefined();
  });
});
