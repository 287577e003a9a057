// From an error to its cure, by the pages alone: each failure here is real, its code has a section that says what to do, the
// words of its message stand on the page of troubleshooting beside that code, and what the section says is done, and helps.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { isKerberosError } from "../../src/errors.ts";
import type { CliResult } from "../support/cli.ts";
import { wholeTable } from "../support/live.ts";
import { allCodes } from "../unit/failures/one-of-each.ts";
import { commandWalks } from "./walk/command-rows.ts";
import { exchangeWalks } from "./walk/exchange-rows.ts";
import { expectAdvice, expectLeads, sectionOf, words } from "./walk/leads.ts";
import { loginWalks } from "./walk/login-rows.ts";
import { networkWalks } from "./walk/network-rows.ts";
import { peerCodes } from "./walk/peer-codes.ts";
import { remctlWalks } from "./walk/remctl-rows.ts";
import { replyWalks } from "./walk/reply-rows.ts";
import { serviceWalks } from "./walk/service-rows.ts";
import { ticketWalks } from "./walk/ticket-rows.ts";
import { makeWorld, type Walk, type World } from "./walk/world.ts";

/** What a person sees of a failure. */
interface Seen {
  readonly code: string | undefined;
  readonly message: string;
}

async function failureOf(walk: Walk, world: World): Promise<Seen | undefined> {
  try {
    const result = await walk.attempt(world, false);
    if (!isCliResult(result) || result.status === 0) return undefined;
    return { code: undefined, message: result.stderr };
  } catch (error) {
    if (!isKerberosError(error)) throw error;
    return { code: error.code, message: error.message };
  }
}

function isCliResult(value: unknown): value is CliResult {
  return typeof value === "object" && value !== null && "everything" in value;
}

const tables = [
  loginWalks,
  ticketWalks,
  networkWalks,
  serviceWalks,
  remctlWalks,
  commandWalks,
  exchangeWalks,
  replyWalks,
];
const walks = tables.flat();

describe("from an error to its cure", () => {
  const walked = wholeTable ? walks : tables.map(([first]) => first as Walk);
  it.each(walked.map((walk) => [walk.what, walk] as const))("%s", async (_what, walk) => {
    await using world = await makeWorld(walk.realm);
    const seen = await failureOf(walk, world);
    expect(seen).toBeDefined();
    const { code = walk.code, message } = seen as Seen;
    expect(code, message).toBe(walk.code);
    // The tools print MIT's words and those of the C remctl, and advice below where we have some.
    if (seen?.code !== undefined) expectAdvice(message);
    expectLeads({ code: walk.code, message, cure: walk.cure });
    await using after = await makeWorld(walk.realm);
    const mended = await walk.attempt(after, true);
    if (isCliResult(mended)) expect([mended.status, mended.stderr]).toEqual([0, expect.any(String)]);
  });

  it("is walked for seventy codes at least; the others are provoked by other tests", () => {
    const known = new Set<string>([...walks.map(({ code }) => code), ...peerCodes]);
    expect(known.size).toBeGreaterThan(70);
    const root = path.resolve(import.meta.dirname, "..");
    const tests = ["e2e", "interop", "unit"]
      .flatMap((folder) =>
        readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
          .filter((file) => file.endsWith(".test.ts"))
          .map((file) => readFileSync(path.join(root, folder, file), "utf8")),
      )
      .join("\n");
    expect(allCodes.filter((code) => !known.has(code) && !new RegExp(`["/^\`]${code}\\b`).test(tests))).toEqual([]);
  });

  it("every row of the words leads to sections that are there", () => {
    expect(words.length).toBeGreaterThan(70);
    for (const { said, where } of words) {
      for (const [, anchor = ""] of where.matchAll(/errors\.md#(\w+)/g)) {
        expect([said, sectionOf(anchor.toUpperCase())]).toEqual([said, expect.stringContaining("**Do:**")]);
      }
    }
  });
});
