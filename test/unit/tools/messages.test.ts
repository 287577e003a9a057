// A message of an error says what failed, and ends with what to do. The texts are taken from the sources; those that end with
// words that are put together elsewhere are judged where they are seen (test/site/walk).

import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { KRB_ERROR, NT_STATUS } from "../../../src/iana/index.ts";
import { krbErrorSentence } from "../../../src/krb5/kdc-sentences.ts";
import { ensureTypesDependencies } from "../../../tools/bootstrap.mjs";
import { sourceFolder } from "./source-folder.ts";

const SRC = path.resolve(import.meta.dirname, "../../../src");
/** What users catch. DecodeError ends each text with the same advice; the tools print MIT's words. */
const CLASSES = new Set([
  ...["ConfigError", "CredentialError", "CryptoError", "GssError", "KdcError", "PasswordChangeError", "PreauthError"],
  ...["ProtocolError", "RemctlError", "RemctlProtocolError", "ServiceError", "TransportError", "UnsupportedError"],
]);

/** Verbs of advice, in the order of the alphabet. */
const VERBS = [
  "add|allow|ask|begin|call|change|check|choose|close|convert|copy|do not|expected|get|give|have|include|leave|let|log in|look",
  "make|name|open|pass|permit|put|raise|read|refuse|remove|renew|repeat|run|say|see|send|set|shorten|start|take|try|type",
  "unwrap|update|use|wait|wipe|write|its administrator can|client\\.changePassword|must|is this|step\\(\\) has to",
].join("|");
const ADVICE = new RegExp(
  `(?:[:;.,(] ?(?:or |and |then |first )?|if .+, |where .+, |: its administrator can |client\\.)(?:${VERBS})\\b`,
  "i",
);
/** Its end is made elsewhere. */
const ENDS_ELSEWHERE = /\$\{\.\.\.\}\)?$/;

/** Texts without advice, with the reason. */
const WITHOUT: readonly (readonly [file: string, text: string, why: string])[] = [
  ["remctl/session/session.ts", "the answer to the command: the caller cancelled it", "the caller's own act"],
  ["server/client-connection.ts", "the server is closing", "the reason of a handler's signal"],
  ["server/client-connection.ts", "the client has closed the connection", "the reason of a handler's signal"],
  ["server/outbox.ts", "the client has closed the connection", "the reason of a handler's signal"],
  ["server/output.ts", "the client has closed the connection", "the reason of a handler's signal"],
  ["server/inbox.ts", "the connection failed", "the reason of a handler's signal"],
  [
    "testing/await-delivery.ts",
    "the test KDC closed the connection, as it was told to",
    "a fault that a test asked for",
  ],
  ["transport/framing.ts", "the connection was closed with no answer", "the reason of one endpoint in a list"],
];

const withoutAdvice = async (src: string) => {
  const { messagesOf } = await import("../../../tools/types/messages.mjs");
  return messagesOf(src, CLASSES).filter(({ text }) => !ADVICE.test(text) && !ENDS_ELSEWHERE.test(text));
};

describe("messages of errors", () => {
  beforeAll(() => ensureTypesDependencies(), 240_000);

  it("end with what to do", async () => {
    const found = await withoutAdvice(SRC);
    const known = new Set(WITHOUT.map(([file, text]) => `${file}: ${text}`));
    const lines = found.filter(({ file, text }) => !known.has(`${file}: ${text}`));
    expect(lines.map(({ file, line, text }) => `src/${file}:${line}: ${text}`)).toEqual([]);
    const seen = new Set(found.map(({ file, text }) => `${file}: ${text}`));
    expect([...known].filter((one) => !seen.has(one))).toEqual([]);
  }, 240_000);

  it("those of a KRB-ERROR too, of a KDC and of a service", () => {
    const codes = [...Object.values(KRB_ERROR), 0];
    const statuses = [undefined, ...Object.values(NT_STATUS)];
    const sentences = codes.flatMap((code) =>
      statuses.flatMap((status) =>
        (["kdc", "service"] as const).map((from) => krbErrorSentence(from, code, status, false) ?? ""),
      ),
    );
    const found = new Set(sentences.filter((sentence) => sentence !== ""));
    expect(found.size).toBeGreaterThan(25);
    expect([...found].filter((sentence) => !ADVICE.test(sentence))).toEqual([]);
  });

  it("are taken from texts, choices and texts within texts", async () => {
    const code = `export const f = (a: string, isB: boolean) => [
      new GssError("A", "B", \`the \${isB ? "server" : a} failed\`),
      new CredentialError("A", isB ? "one failed: give another" : "the other " + "failed", {}),
      new ConfigError(\`it failed: \${a}\`),
      new Error("not looked at"),
    ];`;
    using folder = sourceFolder({ "room/index.ts": code });
    expect((await withoutAdvice(folder.src)).map(({ line, error, text }) => [line, error, text])).toEqual([
      [2, "GssError", "the server failed"],
      [3, "CredentialError", "the other failed"],
    ]);
  }, 240_000);
});
