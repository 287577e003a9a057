// npm `kerberos` 7.0.0 and the drop-in side by side, each call in the same realm with the same caches and keys: what it gives, what
// its properties are afterwards, and the text of its error. The native module is compiled here, with Debian's headers.

import fs from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { startMitBed } from "../../tools/beds/index.mjs";
import { freePort, makeFolder, removeFolder } from "../../tools/beds/process.mjs";
import { ensureNpmKerberos, npmKerberos } from "../../tools/bench/npm-kerberos.mjs";
import { run } from "../../tools/bootstrap.mjs";
import { ensurePacked } from "../../tools/pack/project.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { startSaslLines } from "../support/sasl-lines.ts";
import { makeProject } from "./project.ts";

type Side = "native" | "ours";
type Outcome = { readonly gives?: unknown; readonly fails?: string };
type Table = Readonly<Record<string, Outcome>>;

const FAILURE = "Error: Unspecified GSS failure.  Minor code may provide more information: ";
const NO_CREDENTIALS = "Error: No credentials were supplied, or the credentials were unavailable or inaccessible: ";
const BAD_TOKEN = "Error: Invalid token was supplied: ";
const UNREADABLE = "Error: A required input parameter could not be read: ";

const NO_HOST = "TypeError: the service must be service@host, service/host or service/host@REALM";

/** What differs on purpose: the native words, and how ours begin. Every call that is not here gives the same. */
const DIFFERENT: Readonly<Record<string, readonly [native: Outcome, ours: Outcome]>> = {
  // Where the native module has one word, ours say what is wrong with the token.
  "wrap before the context": [{ fails: `${UNREADABLE}Unknown error` }, { fails: `${UNREADABLE}the context is not` }],
  "unwrap before the context": [{ fails: `${UNREADABLE}Unknown error` }, { fails: `${UNREADABLE}the context is not` }],
  "unwrap of what is no token": [
    { fails: `${BAD_TOKEN}Token header is malformed or corrupt` },
    { fails: `${BAD_TOKEN}the Wrap token has 4 octets` },
  ],
  "client: an answer that is no token": [
    { fails: `${BAD_TOKEN}Success` },
    { fails: `${BAD_TOKEN}the context token: ` },
  ],
  "server: what is no token": [{ fails: `${FAILURE}Success` }, { fails: `${BAD_TOKEN}an offer of SPNEGO` }],
  "client: an answer of another exchange": [
    { fails: `${FAILURE}Mutual authentication failed` },
    { fails: `${FAILURE}HTTP/localhost@EXAMPLE.TEST has not proven that it has its key: mutual authentication failed` },
  ],
  "server: a ticket of another service": [
    {
      fails:
        `${FAILURE}Request ticket server HTTP/localhost@EXAMPLE.TEST found in keytab but does not match server ` +
        "principal host/localhost@",
    },
    { fails: `${FAILURE}the initiator is refused: the ticket is for HTTP/localhost@EXAMPLE.TEST` },
  ],
  // Ours say what to do too.
  "client: no cache": [
    { fails: `${NO_CREDENTIALS}No Kerberos credentials available (default cache: FILE:/nonexistent)` },
    { fails: `${NO_CREDENTIALS}No Kerberos credentials available (no tickets in FILE:/nonexistent ` },
  ],
  "unwrap of one's own message": [
    {
      fails: "Error: A token had an invalid Message Integrity Check (MIC): Packet was replayed in wrong direction",
    },
    { fails: "Error: A token had an invalid Message Integrity Check (MIC): the Wrap token was sent by this side" },
  ],
  "server: a token after the last": [
    { fails: `${FAILURE}accept_sec_context called with existing context handle` },
    { fails: `${BAD_TOKEN}a context token came after the context was established` },
  ],
  "server: the token that it gave": [
    { fails: `${UNREADABLE}Unknown error` },
    { fails: `${FAILURE}the initiator is refused: an AP-REQ was expected` },
  ],
  "checkPassword, no name": [
    { fails: "Error: Client not found in Kerberos database (-1765328378)" },
    { fails: "Error: Malformed representation of principal (-1765328250)" },
  ],
  // A KDC that asks for no proof gives a ticket that a wrong password does not open: it is the same to who typed it.
  "checkPassword, a service": [
    { fails: "Error: Decrypt integrity check failed (-1765328353)" },
    { fails: "Error: Preauthentication failed (-1765328360)" },
  ],
  // The caller's mistakes.
  "initializeClient(text, 3)": [{ gives: "KerberosClient" }, { fails: "TypeError: options is a number" }],
  "initializeClient(text, text)": [{ gives: "KerberosClient" }, { fails: "TypeError: options is a string" }],
  "exchange, a principal that is no name": [
    { fails: "Error: An invalid name was supplied: Malformed representation of principal" },
    { fails: "TypeError: principal: not a principal" },
  ],
  // The native module takes this host's own name, which it looks up; no name is looked up here.
  "service, empty": [{ fails: "Error: An invalid name was supplied: Unknown error" }, { fails: NO_HOST }],
  // After a failure a context is over (rule C7 in SECURITY.md), and says nothing of who it was with.
  "unwrap: state after a failure": [
    { gives: ["alice@EXAMPLE.TEST", null, 0, true] },
    { gives: [null, null, 0, false] },
  ],
  // Host names are the same in any case.
  "principalDetails, the upper case of a host": [
    { fails: "Error: Principal not found in keytab (-1)" },
    { gives: "HTTP/localhost@EXAMPLE.TEST" },
  ],
  // The realm of the service's own key serves.
  "checkPassword, without any realm": [
    { fails: "Error: Cannot find KDC for requested realm (-1765328230)" },
    { gives: null },
  ],
  "client: options are null": [
    { fails: "TypeError: Cannot convert undefined or null to object" },
    { gives: "KerberosClient" },
  ],
};

describe.runIf(wholeTable)("all of it", () => {
  describeLive(["mit", "slapd"], "npm kerberos and krb5-remctl/kerberos, call by call", () => {
    const bed = useBed(() => startMitBed());
    const sasl = useBed(() => startSaslLines({ bed: bed(), service: "host" }));
    const work = useBed(async () => {
      const folder = makeFolder("kerberos-calls");
      return { folder, close: async () => removeFolder(folder) };
    });
    const tables: Record<string, Table> = {};

    /** A collection with tickets of alice and bob, and caches of alice: one good, one that has ended. */
    async function fillCaches(folder: string): Promise<void> {
      const { kinit, passwords, krb5Conf } = bed();
      const keep = async (who: "alice" | "bob", names: readonly string[], args: string[] = []): Promise<void> => {
        const login = await kinit(who, { password: passwords[who] as string }, { args });
        expect(login.text).not.toContain("kinit:");
        const file = (login.env.KRB5CCNAME as string).replace("FILE:", "");
        for (const name of names) fs.copyFileSync(file, path.join(folder, name));
      };
      fs.mkdirSync(path.join(folder, "caches"), { mode: 0o700 });
      await keep("alice", ["ended"], ["-l", "1s"]);
      await keep("alice", ["caches/tktalice", "fresh"]);
      await keep("bob", ["caches/tktbob"]);
      fs.writeFileSync(path.join(folder, "caches/primary"), "tktalice\n");
      const nowhere = `127.0.0.1:${await freePort()}`;
      const text = fs.readFileSync(krb5Conf, "utf8").replace(/127\.0\.0\.1:\d+/, nowhere);
      fs.writeFileSync(path.join(folder, "unreachable.conf"), text);
      // At least until it has ended: its times are whole seconds.
      await new Promise((resolve) => setTimeout(resolve, 2_100));
    }

    beforeAll(async () => {
      await ensurePacked();
      const { env } = await ensureNpmKerberos();
      const { folder } = work();
      await fillCaches(folder);
      const program = path.join(import.meta.dirname, "programs/kerberos-calls.cjs");
      const project = makeProject({ "calls.cjs": fs.readFileSync(program, "utf8") });
      const modules: Record<Side, string> = { native: npmKerberos, ours: "krb5-remctl/kerberos" };
      const environment = {
        ...env,
        ...bed().env,
        KRB5CCNAME: `DIR:${folder}/caches`,
        KRB5_KTNAME: bed().keytab.service,
        KRB5RCACHETYPE: "none",
        REALM: bed().realm,
        FOLDER: folder,
      };
      for (const client of ["native", "ours"] as const) {
        for (const server of ["native", "ours"] as const) {
          const args = ["calls.cjs", modules[client], modules[server], String(sasl().port)];
          const said = await run(process.execPath, args, { cwd: project, env: environment });
          tables[`${client} ${server}`] = JSON.parse(said.slice(said.indexOf("{")));
        }
      }
      removeFolder(project);
    }, 300_000);

    it.each([
      ["native native", "ours ours"],
      ["native native", "ours native"],
      ["native native", "native ours"],
    ])("%s gives what %s gives", (one, other) => {
      const [native, ours] = [tables[one] as Table, tables[other] as Table];
      const isOurs = other.startsWith("ours");
      const names = Object.keys(native);
      expect(names.length).toBeGreaterThanOrEqual(115);
      for (const name of names) {
        const [natively, as] = isOurs ? (DIFFERENT[name] ?? []) : [];
        if (natively === undefined || as === undefined) {
          expect({ [name]: ours[name] }).toEqual({ [name]: native[name] });
          continue;
        }
        expect({ [name]: native[name] }).toEqual({ [name]: natively });
        if (as.fails === undefined) expect({ [name]: ours[name] }).toEqual({ [name]: as });
        else expect(ours[name]?.fails, name).toContain(as.fails);
      }
    });

    it("all of the native suite's 24 is among them, and does not end the process", () => {
      const ours = tables["ours ours"] as Table;
      const kinds = Object.values(ours).map((outcome) => Object.keys(outcome).join());
      expect(new Set(kinds)).toEqual(new Set(["gives", "fails"]));
      // With the native module it does: it reads what is not there.
      expect(ours["wrap, empty"]).toEqual({ gives: "a token" });
    });
  });
});
