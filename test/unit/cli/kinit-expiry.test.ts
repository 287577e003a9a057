// When kinit says that a password ends: MIT's warn_pw_expiry, line for line.

import { describe, expect, it } from "vitest";
import { warnOfExpiry } from "../../../src/cli/commands/kinit-expiry.ts";

const NOW = new Date(2026, 10, 8, 12, 0, 0).getTime();
const HOUR = 3_600_000;

/** What is written after a login, with the KDC's clock two days ahead of the one here. */
async function warning(
  ends: { readonly passwordExpires?: Date; readonly keyExpires?: Date },
  service: readonly string[] = ["krbtgt", "AD.TEST"],
): Promise<string> {
  let written = "";
  const host = {
    now: () => NOW,
    stdout: {
      write: async (text: string) => {
        written += text;
      },
    },
  } as unknown as Parameters<typeof warnOfExpiry>[0];
  const ticket = { clockOffsetMs: 48 * HOUR, service: { components: service } };
  await warnOfExpiry(host, { ticket, isFastAvailable: false, ...ends } as unknown as Parameters<
    typeof warnOfExpiry
  >[1]);
  return written;
}

/** So long after the KDC's time. */
const fromNow = (ms: number): Date => new Date(NOW + 48 * HOUR + ms);

describe("the warning of a password's end", () => {
  it.each<[number, string]>([
    [HOUR / 2, "less than one hour on Tue Nov 10 12:30:00 2026"],
    [HOUR, "1 hour on Tue Nov 10 13:00:00 2026"],
    [47 * HOUR, "47 hours on Thu Nov 12 11:00:00 2026"],
    [48 * HOUR, "2 days on Thu Nov 12 12:00:00 2026"],
    [42 * 24 * HOUR, "42 days on Tue Dec 22 12:00:00 2026"],
  ])("%i ms ahead of the KDC's clock, from last-req", async (ms, words) => {
    expect(await warning({ passwordExpires: fromNow(ms) })).toBe(`Warning: Your password will expire in ${words}\n`);
  });

  it("is written within a week only if the KDC says just that something ends", async () => {
    expect(await warning({ keyExpires: fromNow(7 * 24 * HOUR) })).toContain("in 7 days");
    expect(await warning({ keyExpires: fromNow(7 * 24 * HOUR + 1) })).toBe("");
    expect(await warning({ keyExpires: fromNow(-1) })).toBe("");
    expect(await warning({})).toBe("");
    expect(await warning({ keyExpires: fromNow(HOUR), passwordExpires: fromNow(9 * 24 * HOUR) })).toContain(
      "in 9 days",
    );
  });

  it("has a day of one digit as the C library has it", async () => {
    expect(await warning({ passwordExpires: new Date(2026, 11, 3, 1, 2, 3) })).toContain("on Thu Dec  3 01:02:03 2026");
  });

  it("is not for one who logs in to change it", async () => {
    expect(await warning({ passwordExpires: fromNow(HOUR) }, ["kadmin", "changepw"])).toBe("");
  });
});
