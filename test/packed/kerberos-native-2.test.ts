// npm `kerberos` 2.2.2 and the line 2 of the alias package side by side, each call in the same realm with the same caches and keys:
// callbacks, promises, `Kerberos` and `MongoAuthProcess`. The native module is compiled here, with Debian's headers.

import fs from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { startMitBed } from "../../tools/beds/index.mjs";
import { makeFolder, removeFolder } from "../../tools/beds/process.mjs";
import { ensureNpmKerberos, npmKerberos2 } from "../../tools/bench/npm-kerberos.mjs";
import { run } from "../../tools/bootstrap.mjs";
import { aliasFolder, buildAlias } from "../../tools/pack/alias.mjs";
import { ensurePacked } from "../../tools/pack/project.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { startSaslLines } from "../support/sasl-lines.ts";
import { makeProject } from "./project.ts";

/** A call that came back once, later and with both arguments. */
const back = (error: string | null, value: unknown) => ({
  ...{ gives: "undefined", isLate: true, times: 1, count: 2 },
  error,
  value,
});
const heard = (error: string) => back(error, null);
const CHALLENGE = "challenge";
/** The caller's mistakes: the native module throws at once, ours tell who is called back, like version 7's promises. */
const MISTAKES: Readonly<Record<string, string>> = {
  "initializeClient(3, done)": "service",
  "initializeClient(done)": "service",
  "initializeClient(null, {}, done)": "service",
  "initializeServer(3, done)": "service",
  "checkPassword(user, password, done)": "service",
  "principalDetails(service, done)": "hostname",
  "server: step(done)": CHALLENGE,
  "step(5, done)": CHALLENGE,
  "step(done)": CHALLENGE,
  "step(null, done)": CHALLENGE,
  "unwrap(done)": CHALLENGE,
  "wrap(3, {}, done)": CHALLENGE,
};
const INVALID = { throws: "Error: Invalid argument" };
const UNREADABLE = "Error: A required input parameter could not be read: ";
const BAD_TOKEN = "Error: Invalid token was supplied: ";
/** What else differs on purpose: the native module's and ours. Every call that is not here gives the same. */
const DIFFERENT: Readonly<Record<string, readonly [native: unknown, ours: unknown]>> = {
  // Its documentation has these calls, and its code asks for one argument more.
  "initializeClient(service, done)": [INVALID, back(null, "KerberosClient")],
  "wrap(text, done)": [INVALID, back(null, "a token")],
  "checkPassword(user, password, service, null, done)": [INVALID, back(null, null)],
  "initializeClient()": [
    { throws: "TypeError: Required parameter `service` missing" },
    { rejects: "TypeError: parameter `service` must be a string." },
  ],
  // Ours say what is wrong with the token.
  "server: step of what is no token": [
    heard("Error: Unspecified GSS failure.  Minor code may provide more information: Success"),
    heard(
      `${BAD_TOKEN}an offer of SPNEGO was expected, this is neither a token of GSS-API nor of NTLM; check what the peer sends`,
    ),
  ],
  "unwrap before the context": [
    heard(`${UNREADABLE}Unknown error`),
    heard(`${UNREADABLE}the context is not established yet: step() has to finish first`),
  ],
  "unwrap of what is no token": [
    heard(`${BAD_TOKEN}Token header is malformed or corrupt`),
    heard(`${BAD_TOKEN}the Wrap token has 4 octets, 16 are the least; check what the peer sends`),
  ],
};

describe.runIf(wholeTable)("all of it", () => {
  describeLive(["mit", "slapd"], "npm kerberos 2 and krb5-remctl-kerberos 2, call by call", () => {
    const bed = useBed(() => startMitBed());
    const sasl = useBed(() => startSaslLines({ bed: bed(), service: "host" }));
    const tables: Record<string, unknown>[] = [];

    beforeAll(async () => {
      await ensurePacked();
      buildAlias();
      const { env } = await ensureNpmKerberos(npmKerberos2);
      const { kinit, passwords } = bed();
      const caches = makeFolder("kerberos-2-calls");
      for (const who of ["alice", "bob"] as const) {
        const { env: login } = await kinit(who, { password: passwords[who] as string });
        fs.copyFileSync(String(login.KRB5CCNAME).replace("FILE:", ""), path.join(caches, `tkt${who}`));
      }
      fs.writeFileSync(path.join(caches, "primary"), "tktalice\n");
      fs.chmodSync(caches, 0o700);
      const program = path.join(import.meta.dirname, "programs/kerberos-2-calls.cjs");
      const project = makeProject({ "calls.cjs": fs.readFileSync(program, "utf8") });
      fs.cpSync(aliasFolder(2), path.join(project, "node_modules", "kerberos"), { recursive: true });
      const environment = {
        ...{ ...env, ...bed().env, REALM: bed().realm },
        ...{ KRB5CCNAME: `DIR:${caches}`, KRB5_KTNAME: bed().keytab.service, KRB5RCACHETYPE: "none" },
      };
      for (const module of [npmKerberos2, "kerberos"]) {
        const said = await run(process.execPath, ["calls.cjs", module, String(sasl().port)], {
          cwd: project,
          env: environment,
        });
        tables.push(JSON.parse(said.slice(said.indexOf("{"))));
      }
      removeFolder(project);
      removeFolder(caches);
    }, 300_000);

    it("each gives the same, but for what differs on purpose", () => {
      const [native = {}, ours = {}] = tables;
      const names = Object.keys(native);
      expect(names.length).toBeGreaterThanOrEqual(67);
      for (const name of names) {
        const [natively, as] = DIFFERENT[name] ?? [native[name], native[name]];
        const mistake = MISTAKES[name];
        const thrown = { throws: expect.stringMatching(/^TypeError: (Invalid type for|Required) parameter/) };
        expect({ [name]: native[name] }).toEqual({ [name]: mistake === undefined ? natively : thrown });
        const told = mistake === undefined ? as : heard(`TypeError: parameter \`${mistake}\` must be a string.`);
        expect({ [name]: ours[name] }).toEqual({ [name]: told });
      }
      expect(names).toEqual(expect.arrayContaining([...Object.keys(MISTAKES), ...Object.keys(DIFFERENT)]));
    });
  });
});
