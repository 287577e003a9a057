import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { CommandHost } from "../../../src/cli/command.ts";
import { Report } from "../../../src/cli/doctor/report.ts";
import { type FailedSession, sessionWords } from "../../../src/cli/doctor/session-words.ts";
import { createClient } from "../../../src/entry/index.ts";
import { GssError, KdcError } from "../../../src/errors.ts";
import { KRB_ERROR, krbErrorName } from "../../../src/iana/index.ts";
import { parsePrincipal, type ServiceTicket } from "../../../src/krb5/index.ts";
import { runCli } from "../../support/cli.ts";

it("a finding is a line, whatever a library's message holds", async () => {
  let written = "";
  const stdout = {
    isTerminal: false,
    write: async (text: Uint8Array | string) => {
      written += typeof text === "string" ? text : new TextDecoder().decode(text);
    },
  };
  const report = new Report({ stdout } as unknown as CommandHost, { isJson: false });
  await report.fail("KDC port", "error:0A00010B:\r\n  at one.c:77:\n\n\u001b[2J", "look there");
  expect(written.split("\n")).toHaveLength(3);
  expect(written).toMatch(/error:0A00010B: at one\.c:77: \?\[2J\n/);
  written = "";
  // What a KRB-ERROR says, which nobody vouches for, is in the advice too.
  await report.fail(
    "principal",
    "x".repeat(60_000),
    `use alice@R\nok    login               a ticket${"y".repeat(60_000)}`,
  );
  expect(written.split("\n")).toHaveLength(3);
  expect(written.length).toBeLessThan(5_000);
});

it("tells a server's wrong clock from a ticket that has ended", () => {
  const now = Date.UTC(2026, 0, 1);
  const at = (seconds: number) => new Date(now + seconds * 1_000);
  const ticket = (more: Partial<ServiceTicket>) =>
    ({ service: parsePrincipal("host/a@B"), clockOffsetMs: 0, endTime: at(600), ...more }) as ServiceTicket;
  const words = (errorCode: number, serverTime: Date | undefined, more: Partial<ServiceTicket> = {}) => {
    const cause = new KdcError("KDC", "no", { errorCode, errorName: krbErrorName(errorCode), serverTime });
    const failed: FailedSession = { place: "a:4373", ticket: ticket(more), now, hasSpoken: true };
    return sessionWords(new GssError("GSS", "GSS_S_FAILURE", "refused", { cause }), failed)
      .slice(0, 2)
      .join(": ");
  };
  const { KRB_AP_ERR_TKT_EXPIRED: ended, KRB_AP_ERR_TKT_NYV: notYet, KRB_AP_ERR_SKEW: skew } = KRB_ERROR;
  expect(words(ended, at(3_000))).toMatch(/^clock: the server's clock is 3000 s ahead of this one/);
  expect(words(ended, at(0), { endTime: at(0) })).toMatch(/^ticket: the ticket ended just now/);
  expect(words(notYet, at(-3_000))).toMatch(/^clock: the server's clock is 3000 s behind this one/);
  expect(words(skew, undefined)).toMatch(/^clock: the server's clock differs too much from this one/);
  // This host goes by the KDC's clock, an hour ahead of its own.
  const learned = { clockOffsetMs: 3_600_000, endTime: at(4_200) };
  expect(words(skew, at(0), learned)).toMatch(/^clock: the server's clock is 3600 s behind the KDC's/);
});

it("says what the library says where permitted_enctypes names none that is built in", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-doctor-"));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  const config = "[libdefaults]\n default_realm = TEST.EXAMPLE\n permitted_enctypes = rc4-hmac\n";
  fs.writeFileSync(path.join(folder, "krb5.conf"), config);
  const client = createClient({ credentials: { principal: "alice@TEST.EXAMPLE", password: "x" }, config });
  const said = await client.getTicket("host/a").catch((error: Error) => error.message);
  const { status, stdout } = await runCli(["doctor", "-j", "alice@TEST.EXAMPLE"], {
    env: { KRB5_CONFIG: path.join(folder, "krb5.conf") },
  });
  const findings = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(status).toBe(1);
  expect(findings.at(-1)).toMatchObject({ check: "enctypes", outcome: "fail" });
  // The tools know more enctypes than a program that names none.
  const known = / \(?(?:allows none of )[^,]+(?:, [^,]+)*(?=, which are all)/;
  expect(findings.at(-1).detail.replace(known, "")).toBe(String(said).replace(known, ""));
  expect(findings.at(-1).detail).toContain("camellia256-cts-cmac");
});
