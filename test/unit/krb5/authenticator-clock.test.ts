import { describe, expect, it } from "vitest";
import { type AuthenticatorTime, createAuthenticatorClock } from "../../../src/krb5/index.ts";

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0, 999);

function microseconds({ ctime, cusec }: AuthenticatorTime): number {
  return ctime.getTime() * 1000 + cusec;
}

describe("the clock of authenticators", () => {
  it("C3: no two times are the same, and each is later than the one before, while the host's clock stands", () => {
    // A time of its own: all clocks of a process share what was handed out.
    const clock = createAuthenticatorClock(() => NOW);
    let before = microseconds(clock.next());
    for (let i = 0; i < 20_000; i++) {
      const time = clock.next();
      expect(time.ctime.getTime() % 1000).toBe(0);
      expect(time.cusec).toBeGreaterThanOrEqual(0);
      expect(time.cusec).toBeLessThanOrEqual(999_999);
      expect(microseconds(time)).toBeGreaterThan(before);
      before = microseconds(time);
    }
  });

  it("C3: two clocks of one process never give the same time", () => {
    const clocks = [createAuthenticatorClock(() => NOW + 60_000), createAuthenticatorClock(() => NOW + 60_000)];
    const seen = new Set<number>();
    for (let i = 0; i < 2000; i++) seen.add(microseconds((clocks[i % 2] as (typeof clocks)[0]).next()));
    expect(seen.size).toBe(2000);
  });

  it("is the host's clock to the millisecond, and the KDC's when it is told the offset", () => {
    let now = NOW + 120_000;
    const clock = createAuthenticatorClock(() => now);
    const first = microseconds(clock.next());
    expect(Math.floor(first / 1000)).toBe(now);
    now += 5000;
    expect(Math.floor(microseconds(clock.next(-600_000)) / 1000)).toBe(now - 600_000);
    expect(Math.floor(microseconds(clock.next(600_000)) / 1000)).toBe(now + 600_000);
  });

  it("runs on through a small step back of the host's clock, and follows a correction", () => {
    let now = NOW + 240_000;
    const clock = createAuthenticatorClock(() => now);
    const first = microseconds(clock.next());
    now -= 2000;
    expect(microseconds(clock.next())).toBe(first + 1);
    now -= 600_000;
    expect(Math.floor(microseconds(clock.next()) / 1000)).toBe(now);
  });
});
