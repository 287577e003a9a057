// The embedded realm against native programs: MIT's and Heimdal's kinit, kvno and klist.

import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createTestRealm } from "../../src/entry/testing.ts";
import { describeLive, useBed } from "../support/live.ts";
import { openDesk as open, using } from "../support/realm-desk.ts";

const ENCTYPES = {
  "aes256-cts-hmac-sha1-96": 18,
  "aes128-cts-hmac-sha1-96": 17,
  "aes256-cts-hmac-sha384-192": 20,
  "aes128-cts-hmac-sha256-128": 19,
} as const;
const TRANSPORTS = ["udp", "tcp"] as const;

describeLive("mit", "the embedded realm and MIT's programs", () => {
  const desk = useBed(() => open("mit", { trusts: [] }));

  it("kinit with a password, kvno, klist", async () => {
    const { status, text } = await desk().newCache().kinit("secret", [], "alice");
    expect(status, text).toBe(0);
    expect(await desk().must("kvno", ["host/localhost"])).toContain("host/localhost@TEST.EXAMPLE: kvno = 1");
    const list = await desk().must("klist", ["-e", "-f"]);
    expect(list).toContain("Default principal: alice@TEST.EXAMPLE");
    expect(list).toContain("krbtgt/TEST.EXAMPLE@TEST.EXAMPLE");
    expect(list).toContain("host/localhost@TEST.EXAMPLE");
  });

  it("kinit with a keytab; klist reads the keytab", async () => {
    const keytab = desk().newCache().file("robot.keytab", desk().realm.keytab("robot"));
    await desk().must("kinit", ["-k", "-t", keytab, "robot"]);
    const list = await desk().must("klist", ["-k", "-e", "-t", keytab]);
    for (const enctype of Object.keys(ENCTYPES)) expect(list).toContain(`robot@TEST.EXAMPLE (${enctype})`);
  });

  it("kinit with a wrong password and with a keytab of before", async () => {
    const wrong = await desk().newCache().kinit("wrong", [], "alice");
    expect(wrong.status).not.toBe(0);
    expect(wrong.text).toContain("Password incorrect");
    const old = desk().file("old.keytab", desk().realm.keytab("robot"));
    desk().realm.rotateKey("robot");
    const stale = await desk().run("kinit", ["-k", "-t", old, "robot"]);
    expect(stale.text).toContain("Preauthentication failed");
  });

  it.each([
    ["expired", { expires: new Date(1000) }, /expired|Client's entry/],
    ["locked", { isLocked: true }, /revoked|locked/],
  ])("kinit of a client that is %s", async (kind, options, words) => {
    await desk().realm.addPrincipal(`user-${kind}`, { password: "secret", ...options });
    const { status, text } = await desk().newCache().kinit("secret", [], `user-${kind}`);
    expect(status).not.toBe(0);
    expect(text).toMatch(words);
  });

  it("kinit asks for a new password where the old one has expired", async () => {
    await desk().realm.addPrincipal("tired", { password: "secret", passwordExpires: new Date(1000) });
    const { status, text } = await desk().newCache().kinit("secret", [], "tired");
    expect(status).not.toBe(0);
    expect(text).toMatch(/[Pp]assword (has )?expired/);
    await desk().must("kinit", ["-S", "kadmin/changepw", "tired"], "secret\n");
    expect(await desk().must("klist", [])).toContain("kadmin/changepw@TEST.EXAMPLE");
  });

  it("kinit of nobody, kvno of nothing", async () => {
    expect((await desk().newCache().kinit("secret", [], "nobody")).text).toContain("not found in Kerberos database");
    await desk().kinit("secret", [], "alice");
    expect((await desk().run("kvno", ["host/nowhere"])).text).toContain("not found in Kerberos database");
  });

  it("renewable, forwardable, proxiable; kinit -R", async () => {
    const login = await desk().newCache().kinit("secret", ["-r", "7d", "-f", "-p", "-l", "1h"], "alice");
    expect(login.status, login.text).toBe(0);
    expect(await desk().must("klist", ["-f"])).toContain("Flags: FPRIA");
    await desk().must("kinit", ["-R"]);
    expect(await desk().must("klist", ["-f"])).toContain("Flags: FPRAT");
  });

  it("an alias and an enterprise name", async () => {
    await desk().realm.addPrincipal("dora", { password: "secret", aliases: ["d", "dora@corp.example"] });
    for (const args of [
      ["-C", "d"],
      ["-E", "dora@corp.example"],
    ]) {
      const { status, text } = await desk()
        .newCache()
        .kinit("secret", args.slice(0, 1), args[1] as string);
      expect(status, text).toBe(0);
      expect(await desk().must("klist", [])).toContain("Default principal: dora@TEST.EXAMPLE");
    }
  });

  it("a cache that the realm wrote", async () => {
    const cache = desk().realm.ccache("alice", { services: ["host/localhost"], forwardable: true });
    writeFileSync(desk().newCache().cacheFile(), cache, { mode: 0o600 });
    expect(await desk().must("klist", ["-f"])).toContain("host/localhost@TEST.EXAMPLE");
    expect(await desk().must("kvno", ["robot"])).toContain("robot@TEST.EXAMPLE: kvno =");
  });

  it("a clock that is off: kinit takes the KDC's time", async () => {
    await using(open("mit", { clockOffsetSeconds: 3000 }), async (other) => {
      const { status, text } = await other.kinit("secret", [], "alice");
      expect(status, text).toBe(0);
      await other.must("kvno", ["host/localhost"]);
    });
  });

  it("the cookie is sent back where it is required", async () => {
    await using(open("mit", { requireCookie: true }), async (other) => {
      const { status, text } = await other.kinit("secret", [], "alice");
      expect(status, text).toBe(0);
    });
  });

  it("PBKDF2 rounds that the KDC chose", async () => {
    await using(open("mit", { principals: { alice: { password: "secret", iterations: 40_000 } } }), async (other) => {
      const { status, text } = await other.kinit("secret", [], "alice");
      expect(status, text).toBe(0);
    });
  });

  it("from realm to realm, with one between them", async () => {
    const last = await createTestRealm({ realm: "LAST.EXAMPLE", principals: { "host/far.last.example": {} } });
    const middle = await createTestRealm({ realm: "MIDDLE.EXAMPLE", trusts: [last] });
    await last.listen();
    await middle.listen();
    try {
      await using(open("mit", { trusts: [middle] }), async (desk_) => {
        await desk_.kinit("secret", [], "alice");
        await desk_.must("kvno", ["host/far.last.example@LAST.EXAMPLE"]);
        expect(await desk_.must("klist", [])).toContain("host/far.last.example@LAST.EXAMPLE");
      });
    } finally {
      await middle.close();
      await last.close();
    }
  });

  it("a reply too big for UDP comes over TCP", async () => {
    await using(open("mit", { maxDatagramBytes: 300 }), async (other) => {
      const { status, text } = await other.kinit("secret", [], "alice");
      expect(status, text).toBe(0);
    });
  });

  it.each([
    ["wrong-nonce", "did not match expectations"],
    ["other-client-name", "did not match expectations"],
    ["ticket-name-mismatch", "did not match expectations"],
    ["wrong-usage", "Password incorrect|integrity"],
    ["truncated", "ASN.1"],
  ] as const)("kinit and the fault %s", async (fault, words) => {
    const handle = desk().realm.fault({ on: "as-rep", name: fault });
    try {
      const { text } = await desk().newCache().kinit("secret", [], "alice");
      expect(handle.hits).toBeGreaterThan(0);
      expect(text).toMatch(new RegExp(words, "i"));
    } finally {
      handle.clear();
    }
  });

  for (const [enctype, number] of Object.entries(ENCTYPES)) {
    it.each(TRANSPORTS)(`${enctype} over %s: password, keytab, service`, async (transport) => {
      const only = [
        `default_tkt_enctypes = ${enctype}`,
        `default_tgs_enctypes = ${enctype}`,
        `permitted_enctypes = ${enctype}`,
      ];
      await using(open("mit", { enctypes: [number] }, transport, only), async (one) => {
        const { status, text } = await one.kinit("secret", [], "alice");
        expect(status, text).toBe(0);
        await one.must("kvno", ["host/localhost"]);
        expect(await one.must("klist", ["-e"])).toContain(`Etype (skey, tkt): ${enctype}, ${enctype}`);
        await one.newCache().must("kinit", ["-k", "-t", one.file("k", one.realm.keytab("robot")), "robot"]);
      });
    });
  }
});

describeLive(["heimdal", "mit"], "the embedded realm and Heimdal's programs", () => {
  const desk = useBed(() => open("heimdal"));

  it("kinit with a password, a service ticket", async () => {
    const { status, text } = await desk().newCache().kinit("secret", [], "alice");
    expect(status, text).toBe(0);
    await desk().must("kgetcred", ["host/localhost"]);
  });

  it("kinit with a keytab", async () => {
    const keytab = desk().newCache().file("robot.keytab", desk().realm.keytab("robot"));
    await desk().must("kinit", [`--keytab=${keytab}`, "robot"]);
  });

  it("kinit with a wrong password", async () => {
    const { status, text } = await desk().newCache().kinit("wrong", [], "alice");
    expect(status).not.toBe(0);
    expect(text).toContain("Password incorrect");
  });

  it("kinit of a client whose password has expired asks for a new one, once", async () => {
    await desk().realm.addPrincipal("tired", { password: "secret", passwordExpires: new Date(1000) });
    const { status, text } = await desk().newCache().kinit("secret", [], "tired");
    expect(status, text).toBeGreaterThan(0);
    expect(text.match(/expired/g), text).toHaveLength(1);
  });

  it("kinit of nobody", async () => {
    expect((await desk().newCache().kinit("secret", [], "nobody")).text).toMatch(/unknown|not found/i);
  });

  it("renewable; kinit --renew", async () => {
    const login = await desk().newCache().kinit("secret", ["--renewable", "--forwardable"], "alice");
    expect(login.status, login.text).toBe(0);
    await desk().must("kinit", ["--renew"]);
  });

  it("an enterprise name", async () => {
    await desk().realm.addPrincipal("dora", { password: "secret", aliases: ["dora@corp.example"] });
    const { status, text } = await desk()
      .newCache()
      .kinit("secret", ["--enterprise", "--canonicalize"], "dora@corp.example");
    expect(status, text).toBe(0);
  });

  for (const [enctype, number] of Object.entries(ENCTYPES)) {
    it.each(TRANSPORTS)(`${enctype} over %s: password, keytab, service`, async (transport) => {
      await using(open("heimdal", { enctypes: [number] }, transport, [`default_etypes = ${enctype}`]), async (one) => {
        const { status, text } = await one.kinit("secret", [], "alice");
        expect(status, text).toBe(0);
        await one.must("kgetcred", ["host/localhost"]);
        await one.newCache().must("kinit", [`--keytab=${one.file("k", one.realm.keytab("robot"))}`, "robot"]);
      });
    });
  }
});
