// A ticket that the server of a driver refuses: the source forgets it, and no server can keep the KDC busy by that.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { loginTickets } from "../../../src/drivers/login-tickets.ts";
import { withSasl } from "../../../src/drivers/sasl-driver.ts";
import { createClient } from "../../../src/entry/index.ts";
import { createTestRealm } from "../../../src/entry/testing.ts";
import { parsePrincipal, type ServiceTicket, type TicketSource } from "../../../src/krb5/index.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A source, with the tickets that it has forgotten. */
function sourceOf() {
  const forgotten: ServiceTicket[] = [];
  let made = 0;
  const source: TicketSource = {
    getTicket: async (service) => ({ service, made: made++ }) as unknown as ServiceTicket,
    forget: async (ticket) => {
      forgotten.push(ticket);
    },
  };
  return { source, forgotten };
}

async function refusedLogin(source: TicketSource, service: string): Promise<ServiceTicket> {
  const { credential, refuse } = loginTickets(source);
  const ticket = await credential.getTicket(parsePrincipal(service));
  await refuse();
  return ticket;
}

it("is forgotten once in 10 s for each service and source, however many logins are refused", async () => {
  const [one, other] = [sourceOf(), sourceOf()];
  const first = await refusedLogin(one.source, "db/a@TEST.EXAMPLE");
  for (let i = 0; i < 50; i++) await refusedLogin(one.source, "db/a@TEST.EXAMPLE");
  vi.advanceTimersByTime(9_999);
  await refusedLogin(one.source, "db/a@TEST.EXAMPLE");
  expect(one.forgotten).toEqual([first]);
  const second = await refusedLogin(one.source, "db/b@TEST.EXAMPLE");
  const third = await refusedLogin(other.source, "db/a@TEST.EXAMPLE");
  vi.advanceTimersByTime(1);
  const fourth = await refusedLogin(one.source, "db/a@TEST.EXAMPLE");
  expect(one.forgotten).toEqual([first, second, fourth]);
  expect(other.forgotten).toEqual([third]);
});

it("keeps the times of 64 services at the most", async () => {
  const { source, forgotten } = sourceOf();
  for (let i = 0; i < 65; i++) await refusedLogin(source, `db/${i}@TEST.EXAMPLE`);
  await refusedLogin(source, "db/64@TEST.EXAMPLE");
  expect(forgotten.length).toBe(65);
  await refusedLogin(source, "db/0@TEST.EXAMPLE");
  expect(forgotten.length).toBe(66);
});

it("is never what logs a person in, nor one that did not come, and a source need not forget", async () => {
  const { source, forgotten } = sourceOf();
  await refusedLogin(source, "krbtgt/TEST.EXAMPLE@TEST.EXAMPLE");
  await loginTickets(source).refuse();
  expect(forgotten).toEqual([]);
  await refusedLogin({ getTicket: source.getTicket }, "db/a@TEST.EXAMPLE");
  const failing = { ...source, forget: () => Promise.reject(new Error("the cache is gone")) };
  await refusedLogin(failing, "db/a@TEST.EXAMPLE");
});

it("gives what the source has, and nothing that it lacks", async () => {
  const { source } = sourceOf();
  const { credential } = loginTickets(source);
  expect(credential.loadEncTypes).toBeUndefined();
  expect(await credential.getForwardedTicket?.()).toBeUndefined();
  const forwarded = {} as ServiceTicket;
  const whole = loginTickets({
    ...source,
    getForwardedTicket: async (options) => ({ ...forwarded, ...options }) as ServiceTicket,
    loadEncTypes: async () => "types" as never,
  }).credential;
  expect(await whole.loadEncTypes?.()).toBe("types");
  expect(await whole.getForwardedTicket?.({ signal: undefined })).toEqual({ signal: undefined });
});

it.each([
  ["the server's refusal", new Error("refused"), 1],
  ["the driver's own error, which is no Error", "refused", 1],
  ["a connection that broke", Object.assign(new Error("reset"), { syscall: "read" }), 0],
])("is refused in a SASL login by %s: %i", async (_, failure, count) => {
  vi.useRealTimers();
  const principals = { alice: { password: "secret" }, "kafka/localhost": {} };
  const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals });
  const credentials = { principal: "alice@TEST.EXAMPLE", password: "secret" };
  const client = createClient({ credentials, kdc: realm.kdc, dial: realm.dial, config: false });
  const forget = vi.spyOn(client, "forget");
  const login = withSasl({ credential: client }, "kafka", "localhost", { layers: ["none"] }, async (sasl) => {
    await sasl.step();
    throw failure;
  });
  await expect(login).rejects.toBe(failure);
  expect(forget).toHaveBeenCalledTimes(count);
});
