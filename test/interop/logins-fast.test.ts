// FAST (RFC 6113) with MIT's KDC: armor of a cache and of a keytab, encrypted challenge, FAST in the TGS exchange, and what
// is refused.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openCache } from "../../src/entry/credentials.ts";
import {
  anonymous,
  ccache,
  contentsOfLogin,
  createClient,
  createKerberos,
  keytab,
  password,
  type TraceEvent,
} from "../../src/entry/index.ts";
import { hasCode, kdcErrorOf } from "../../src/errors.ts";
import { runProgram, startMitLoginsBed } from "../../tools/beds/index.mjs";
import { runCli } from "../support/cli.ts";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";

const PASSWORD = "alice-password";

describeLive(["mit", "mit-logins"], "FAST at an MIT KDC", () => {
  const bed = useBed(() => startMitLoginsBed(), 60_000);
  type Policy = Parameters<ReturnType<typeof bed>["kdcOf"]>[0];
  type Options = NonNullable<Parameters<typeof createKerberos>[0]>;

  const robot = () => keytab(`robot@${bed().realm}`, bed().keytab.robot);
  const alice = (secret = PASSWORD) => password(`alice@${bed().realm}`, secret);
  let count = 0;

  /** A cache with the ticket of robot, whose KDC takes what it has; the armored login is at another. */
  async function armorCache() {
    const { kdc } = await bed().kdcOf("all");
    const name = `FILE:${bed().dir}/armor-${++count}`;
    await openCache(name).initialize(contentsOfLogin(await createKerberos({ kdc }).login(robot())));
    return name;
  }

  async function kerberosAt(policy: Policy, options: Options) {
    const events: TraceEvent[] = [];
    const { kdc } = await bed().kdcOf(policy);
    return { events, kerberos: createKerberos({ kdc, onTrace: (event) => events.push(event), ...options }) };
  }

  it("logs in by encrypted challenge with the ticket of a cache, and gets a service's ticket inside FAST", async () => {
    const armor = ccache(await armorCache());
    const { kerberos, events } = await kerberosAt("fast", { armor });
    const login = await kerberos.login(alice());
    expect(login).toMatchObject({ preauthType: 138, isFastAvailable: true });
    expect(events).toContainEqual(expect.objectContaining({ what: expect.stringContaining("encrypted challenge") }));
    // A service that takes those alone that logged in so.
    const { ticket } = await kerberos.getServiceTicket(login.ticket, "svc/armored");
    expect(ticket.client.components).toEqual(["alice"]);
    await expect(kerberos.login(alice("wrong"))).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
  });

  it("a KDC that takes nothing outside FAST says what is missing", async () => {
    const { kerberos } = await kerberosAt("fast", {});
    await expect(kerberos.login(alice())).rejects.toMatchObject({ code: "PREAUTH_UNSUPPORTED" });
  });

  it("armor is taken up where it is offered", async () => {
    const armor = ccache(await armorCache());
    const { kerberos } = await kerberosAt("fast", { armor, armorPolicy: "if-offered" });
    expect((await kerberos.login(alice())).preauthType).toBe(138);
  });

  it("the armor is an anonymous ticket, whose KDC a certificate proves", async () => {
    const anchors = ["ca-rsa.pem", "ca-ec.pem"].map((file) => readFileSync(bed().pki.file(file), "utf8"));
    const { kerberos } = await kerberosAt("all", { armor: anonymous(bed().realm, { anchors }) });
    expect((await kerberos.login(alice())).preauthType).toBe(151);
  });

  it("kinit -T does what MIT's does: the same words for a wrong password, and a cache that MIT's klist reads", async () => {
    const armor = await armorCache();
    const { env } = await bed().kdcOf("fast");
    const cache = `FILE:${bed().dir}/armored`;
    const ours = await runCli(["kinit", "-T", armor, "-c", cache, "alice"], { env, input: `${PASSWORD}\n` });
    expect(ours.status, ours.stderr).toBe(0);
    const theirs = `FILE:${bed().dir}/armored-mit`;
    const mit = async (tool: string, args: string[], input = "") =>
      await runProgram(peers.mit.bin(tool), args, { env: { ...env }, input, cwd: bed().dir });
    expect((await mit("kinit", ["-T", armor, "-c", theirs, "alice"], `${PASSWORD}\n`)).status).toBe(0);
    const config = async (name: string) => {
      const { text } = await mit("klist", ["-C", name]);
      return text.split("\n").filter((line) => line.startsWith("config:"));
    };
    expect(await config(cache)).toEqual(await config(theirs));
    const words = ["-T", armor, "-c", cache, "alice"];
    const wrong = await runCli(["kinit", ...words], { env, input: "wrong\n" });
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toContain("Password incorrect while getting initial credentials");
  });

  it("the armor's own login is by a keytab; SPAKE goes inside", async () => {
    const { kdc } = await bed().kdcOf("all");
    const events: TraceEvent[] = [];
    const client = createClient({
      credentials: { principal: `alice@${bed().realm}`, password: PASSWORD },
      armor: robot(),
      kdc,
      onTrace: (event) => events.push(event),
    });
    const ticket = await client.getTicket(`svc/spake@${bed().realm}`);
    expect(ticket.client.components).toEqual(["alice"]);
    const notes = events.flatMap((event) => (event.type === "note" ? [event.text] : []));
    expect(notes).toContainEqual(expect.stringContaining("FAST: armor"));
  });

  it.runIf(wholeTable)(
    "a ticket for a user and her computer: MIT takes no explicit armor, and none is left out",
    async () => {
      const { kdc } = await bed().kdcOf("all");
      const kerberos = createKerberos({ kdc: { [bed().realm]: kdc } });
      const [{ ticket: armor }, { ticket: tgt }] = [await kerberos.login(robot()), await kerberos.login(alice())];
      const error = await kerberos
        .getServiceTicket(tgt, "host/localhost", { armor })
        .catch((reason: unknown) => reason);
      // KDC_ERR_PREAUTH_FAILED, which comes outside FAST: MIT has not read what is inside.
      expect(hasCode(error, "FAST_STRIPPED") && kdcErrorOf(error)?.errorCode).toBe(24);
    },
  );
});
