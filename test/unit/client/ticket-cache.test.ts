import { describe, expect, it } from "vitest";
import { TicketCache } from "../../../src/client/tickets/ticket-cache.ts";
import { parsePrincipal, type ServiceTicket } from "../../../src/krb5/index.ts";

const endTime = new Date(1e12);
const service = (index: number) => parsePrincipal(`host/h${index}@EXAMPLE.TEST`);

/** Tickets whose keys only say what they were told. */
function tickets(count: number): { cache: TicketCache; given: ServiceTicket[]; forgotten: number[] } {
  const cache = new TicketCache();
  const forgotten: number[] = [];
  const given = Array.from({ length: count }, (_, index) => {
    const sessionKey = { forgetDerived: () => void forgotten.push(index) } as unknown as ServiceTicket["sessionKey"];
    const ticket = { sessionKey, startTime: new Date(0), endTime, clockOffsetMs: 0 } as unknown as ServiceTicket;
    cache.set(service(index), ticket);
    return ticket;
  });
  return { cache, given, forgotten };
}

describe("TicketCache", () => {
  it("keeps what was derived of the 64 keys used last: a thousand hosts leave tickets, not a thousand ciphers", () => {
    const { cache, given, forgotten } = tickets(64);
    expect(forgotten).toEqual([]);
    // The first is used again: the second has rested longest.
    expect(cache.get(service(0), 0)).toBe(given[0]);
    cache.set(service(64), given[0] as ServiceTicket);
    expect(forgotten).toEqual([]);
    cache.set(service(65), { ...(given[0] as ServiceTicket) });
    expect(forgotten).toEqual([1]);
    expect(cache.get(service(1), 0)).toBe(given[1]);
    expect(forgotten).toEqual([1, 2]);
  });

  it("does not give a ticket out that is about to end", () => {
    const { cache } = tickets(1);
    expect(cache.get(service(0), endTime.getTime() - 61_000)).toBeDefined();
    expect(cache.get(service(0), endTime.getTime() - 59_000)).toBeUndefined();
  });

  it("holds no more ended tickets than others: a service that is asked for once must not stay for ever", () => {
    const cache = new TicketCache();
    const ticketUntil = (endMs: number) =>
      ({
        sessionKey: { forgetDerived: () => {} },
        startTime: new Date(0),
        endTime: new Date(endMs),
        clockOffsetMs: 0,
      }) as unknown as ServiceTicket;
    const lasting = ticketUntil(1e12);
    cache.set(service(0), lasting);
    const hourMs = 3_600_000;
    for (let hour = 0; hour < 100; hour++) {
      for (let one = 1; one <= 100; one++) {
        expect(cache.get(service(100 * hour + one), hour * hourMs)).toBeUndefined();
        cache.set(service(100 * hour + one), ticketUntil((hour + 1) * hourMs));
      }
    }
    expect(cache.size).toBeLessThanOrEqual(512);
    expect(cache.get(service(0), 100 * hourMs)).toBe(lasting);
    // What has not ended stays, however many they are.
    for (let one = 1; one <= 2000; one++) cache.set(service(one), ticketUntil(1e12));
    expect(cache.get(service(1), 0)).toBeDefined();
    expect(cache.size).toBeGreaterThanOrEqual(2001);
  });
});
