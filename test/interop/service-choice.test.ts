// Who asks for a service, of several logins in a collection: ours and libgssapi's choice for the same `.k5identity`,
// primary and service. libgssapi says in its trace whom it chose, whatever comes of the exchange.

import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createClient } from "../../src/entry/index.ts";
import { NAME_TYPE } from "../../src/iana/index.ts";
import { formatPrincipal, parsePrincipal } from "../../src/krb5/index.ts";
import { nodeRuntime } from "../../src/runtime/index.ts";
import { runProgram, startMitBed } from "../../tools/beds/index.mjs";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";

const CONTEXT = `
import gssapi, sys
kind = gssapi.NameType.hostbased_service if "@" in sys.argv[1] and "/" not in sys.argv[1] else gssapi.NameType.kerberos_principal
try: gssapi.SecurityContext(name=gssapi.Name(sys.argv[1], kind), usage="initiate").step()
except Exception as error: print(error)
`;

/** What `.k5identity` says, whose cache is primary, and the service as libgssapi's name. */
type Row = readonly [identities: string, primary: string, service: string];

const rows: readonly Row[] = [
  ["", "alice@ONE.TEST", "host@x.mapped.test"],
  ["bob@ONE.TEST host=*.mapped.test\n", "alice@ONE.TEST", "host@x.mapped.test"],
];

const moreRows: readonly Row[] = [
  ["", "alice@ONE.TEST", "host/x@EXAMPLE.TEST"],
  ["", "alice@ONE.TEST", "host@x.example.test"],
  ["", "alice@ONE.TEST", "host@x.sub.example.test"],
  ["", "alice@ONE.TEST", "host@x.other.test"],
  ["", "bob@ONE.TEST", "host@short"],
  ["", "bob@EXAMPLE.TEST", "host@x.mapped.test"],
  ["", "bob@EXAMPLE.TEST", "host@x.other.test"],
  ["# c\nalice@ONE.TEST realm=EXAMPLE.* service=im*\n", "bob@ONE.TEST", "imap@x.example.test"],
  ["alice@ONE.TEST realm=EXAMPLE.* service=im*\n", "bob@ONE.TEST", "host@x.example.test"],
  ["alice@ONE.TEST realm=EXAMPLE.* service=im*\n", "bob@ONE.TEST", "imap/x@EXAMPLE.TEST"],
  ["bob@ONE.TEST unknown=x\n  bob host=X.MAPPED.TEST\nalice@EXAMPLE.TEST\n", "alice@ONE.TEST", "host@x.mapped.test"],
  ["bad@@x host\nbob\n", "alice@ONE.TEST", "host@x.mapped.test"],
  ["bob@ONE.TEST\tservice=h[a-o]st\n", "alice@ONE.TEST", "host@x.mapped.test"],
  ["carol@ONE.TEST\n", "alice@ONE.TEST", "host@x.mapped.test"],
];

describeLive(["mit", "python-gssapi"], "who asks for a service, beside libgssapi", () => {
  const one = useBed(() => startMitBed({ realm: "ONE.TEST" }));
  const example = useBed(() => startMitBed({ realm: "EXAMPLE.TEST" }));

  /** The environment of a user with four logins. */
  async function world(primary: string, identities: string): Promise<Record<string, string>> {
    const home = fs.mkdtempSync(path.join(one().dir, "home-"));
    const caches = path.join(home, "caches");
    fs.mkdirSync(caches, { mode: 0o700 });
    const kdc = (bed: ReturnType<typeof one>) => `{\n  kdc = ${String(bed.kdc[0]).replace("tcp://", "")}\n }`;
    const conf = `[libdefaults]
 default_realm = ONE.TEST
 dns_lookup_kdc = false
 dns_canonicalize_hostname = false
[realms]
 ONE.TEST = ${kdc(one())}
 EXAMPLE.TEST = ${kdc(example())}
[domain_realm]
 .mapped.test = EXAMPLE.TEST
`;
    fs.writeFileSync(path.join(home, "krb5.conf"), conf);
    const env = { ...one().env, HOME: home, KRB5_CONFIG: path.join(home, "krb5.conf"), KRB5CCNAME: `DIR:${caches}` };
    for (const bed of [one(), example()]) {
      for (const name of ["alice", "bob"]) {
        const who = `${name}@${bed.realm}`;
        const cache = `DIR::${caches}/tkt${who}`;
        const input = `${bed.passwords[name]}\n`;
        expect((await runProgram(one().bin("kinit"), ["-c", cache, who], { env, input })).status).toBe(0);
      }
    }
    fs.writeFileSync(path.join(caches, "primary"), `tkt${primary}\n`);
    fs.writeFileSync(path.join(home, ".k5identity"), identities);
    return env;
  }

  const check = async (identities: string, primary: string, service: string): Promise<void> => {
    const env = await world(primary, identities);
    const trace = path.join(env.HOME as string, "trace");
    const python = peers["python-gssapi"];
    const theirs = await runProgram(python.bin("python3"), ["-B", "-c", CONTEXT, service], {
      env: { ...env, ...python.env, KRB5_TRACE: trace },
    });
    const [, chosen] = /Getting credentials (\S+) ->/.exec(fs.readFileSync(trace, "utf8")) ?? [];
    const [, nobody] = /Can't find client principal (\S+) in cache collection/.exec(theirs.text) ?? [];
    const isOfHost = !service.includes("/");
    const name = isOfHost ? parsePrincipal(`${service.replace("@", "/")}@X`) : parsePrincipal(service);
    const asked = isOfHost ? { ...name, realm: "", nameType: NAME_TYPE.srvHst } : name;
    const notes: string[] = [];
    const client = createClient({
      environment: { env },
      runtime: nodeRuntime(),
      onTrace: (event) => void (event.type === "note" && notes.push(event.text)),
    });
    const ours = await client.getTicket(asked).then(
      (ticket) => formatPrincipal(ticket.client),
      (error: Error) => / has no tickets of ([^\s:]+)/.exec(error.message)?.[1],
    );
    const noted = notes.map((text) => /^(\S+) asks for /.exec(text)?.[1]).find((found) => found !== undefined);
    expect(noted ?? ours ?? formatPrincipal(await client.identify())).toBe(chosen ?? nobody);
  };

  it.each(rows)("%j, primary %s: %s", check);
  describe.runIf(wholeTable)("the whole table", () => {
    it.each(moreRows)("%j, primary %s: %s", check);
  });
});
