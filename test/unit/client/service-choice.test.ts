// Several logins in a collection: who asks for a service, where nobody is named. As libgssapi has it:
// test/interop/service-choice.test.ts.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ClientOptions, createClient, fromEnvironment } from "../../../src/entry/index.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { formatPrincipal, type Principal, servicePrincipal } from "../../../src/krb5/index.ts";

const [HOME_REALM, OTHER_REALM] = ["HOME.EXAMPLE", "OTHER.EXAMPLE"];

let home: TestRealm;
let other: TestRealm;
let root: string;
let dir: string;
let count = 0;

beforeAll(async () => {
  const people = { alice: { password: "a" }, bob: { password: "b" } };
  home = await createTestRealm({ realm: HOME_REALM, principals: { ...people, "host/server.home.example": {} } });
  other = await createTestRealm({
    realm: OTHER_REALM,
    trusts: [home],
    principals: { ...people, "host/server.other.example": {}, "host/server.sub.other.example": {} },
  });
  root = mkdtempSync(join(tmpdir(), "service-choice-"));
});
afterAll(() => rmSync(root, { recursive: true }));

beforeEach(() => {
  dir = join(root, String(count++));
  mkdirSync(dir, { mode: 0o700 });
  for (const who of ["alice", "bob"]) put(`tkt${who}`, home.ccache(who));
  put("tktother", other.ccache("alice", { forwardable: true }));
  put("primary", "tktalice\n");
});

const put = (file: string, octets: string | Uint8Array) => writeFileSync(join(dir, file), octets, { mode: 0o600 });

/** A client of the environment, whose home folder is the one of the caches. */
const clientOf = (options: Partial<ClientOptions> = {}, env: Record<string, string> = {}) =>
  createClient({
    config: `[libdefaults]\n default_realm = ${HOME_REALM}\n`,
    kdc: { [HOME_REALM]: [...home.kdc], [OTHER_REALM]: [...other.kdc] },
    dial: home.dial,
    environment: { env: { KRB5CCNAME: `DIR:${dir}`, KRB5_CLIENT_KTNAME: join(dir, "none"), HOME: dir, ...env } },
    ...options,
  });

const asks = async (service: Principal | string, ...given: Parameters<typeof clientOf>): Promise<string> =>
  formatPrincipal((await clientOf(...given).getTicket(service)).client);

const HOME_SERVICE = servicePrincipal("host", "server.home.example");
const OTHER_SERVICE = servicePrincipal("host", "server.other.example");

describe("who asks for a service", () => {
  it("is the login of the service's realm, whichever is primary", async () => {
    expect(await asks(`host/server.other.example@${OTHER_REALM}`)).toBe(`alice@${OTHER_REALM}`);
    expect(await asks(`host/server.home.example@${HOME_REALM}`)).toBe(`alice@${HOME_REALM}`);
    put("primary", "tktbob\n");
    expect(await asks(`host/server.home.example@${HOME_REALM}`)).toBe(`bob@${HOME_REALM}`);
    put("primary", "tktother\n");
    expect(await asks(`host/server.home.example@${HOME_REALM}`)).toBe(`alice@${HOME_REALM}`);
  });

  it("goes by the host's domain where the service has no realm, by the longest that is a realm", async () => {
    expect(await asks({ ...OTHER_SERVICE, realm: "" })).toBe(`alice@${OTHER_REALM}`);
    const sub = { ...servicePrincipal("host", "server.sub.other.example"), realm: "" };
    const config = `[libdefaults]\n default_realm = ${HOME_REALM}\n[domain_realm]\n server.sub.other.example = ${OTHER_REALM}\n`;
    expect(await asks(sub, { config })).toBe(`alice@${OTHER_REALM}`);
    // By its domain alone: the realm that the name would be in has no login.
    expect(await asks(sub)).toBe(`alice@${OTHER_REALM}`);
  });

  it("is whom .k5identity names first, before the realm: by realm, service and host", async () => {
    put(".k5identity", `# comment\nbob@${HOME_REALM} host=*.other.example\nbob service=host realm=HOME.*\n`);
    expect(await asks({ ...HOME_SERVICE, realm: HOME_REALM })).toBe(`bob@${HOME_REALM}`);
    // A name that is not host-based has neither service nor host.
    expect(await asks(`host/server.home.example@${HOME_REALM}`)).toBe(`alice@${HOME_REALM}`);
    put(".k5identity", "bob@@x\nbob unknown=x\nbob realm=home.example\nalice\n");
    expect(await asks({ ...HOME_SERVICE, realm: HOME_REALM })).toBe(`alice@${HOME_REALM}`);
  });

  it("is nobody else where .k5identity names one that has no tickets", async () => {
    put(".k5identity", `carol@${HOME_REALM}\n`);
    await expect(asks({ ...HOME_SERVICE, realm: HOME_REALM })).rejects.toMatchObject({
      code: "NO_CREDENTIAL",
      message: expect.stringContaining(" has no tickets of carol@HOME.EXAMPLE (it has those of "),
    });
    put(".k5identity", "bob\n");
    const env = { KRB5CCNAME: `DIR::${dir}/tktalice` };
    await expect(asks({ ...HOME_SERVICE, realm: HOME_REALM }, {}, env)).rejects.toMatchObject({
      code: "NO_CREDENTIAL",
    });
  });

  it("is the primary where nothing fits, and the one that is named where one is", async () => {
    put("primary", "tktbob\n");
    const service = `host/server.home.example@${HOME_REALM}`;
    const fixed = fromEnvironment({ principal: `alice@${HOME_REALM}` });
    expect(await asks(service, { credentials: fixed })).toBe(`alice@${HOME_REALM}`);
    const one = { KRB5CCNAME: `DIR::${dir}/tktalice` };
    expect(await asks(service, {}, one)).toBe(`alice@${HOME_REALM}`);
    rmSync(join(dir, "tktother"));
    await expect(asks(`host/server.other.example@${OTHER_REALM}`)).resolves.toBe(`bob@${HOME_REALM}`);
  });

  it("is found for a client without tickets in its default cache", async () => {
    put("primary", "tktgone\n");
    expect(await asks(`host/server.other.example@${OTHER_REALM}`)).toBe(`alice@${OTHER_REALM}`);
  });

  it("gives the forwarded ticket too, and is asked anew for a ticket that a server refused", async () => {
    const client = clientOf();
    expect(formatPrincipal(await client.identify())).toBe(`alice@${HOME_REALM}`);
    const service = `host/server.other.example@${OTHER_REALM}`;
    const ticket = await client.getTicket(service);
    expect(await client.getTicket(service)).toBe(ticket);
    const forwarded = await client.getForwardedTicket({ client: ticket.client });
    expect(forwarded === undefined ? "none" : formatPrincipal(forwarded.client)).toBe(`alice@${OTHER_REALM}`);
    await client.forget(ticket);
    expect(await client.getTicket(service)).not.toBe(ticket);
    client.close();
    expect(await client.getTicket(service)).not.toBe(ticket);
  });
});
