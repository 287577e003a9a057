// What the decoder's page says to look at.

import { describe, expect, it } from "vitest";
import { cacheTree, configTree, keytabTree, type Tools } from "../../site/decoder/files.ts";
import { unusualIn } from "../../site/decoder/unusual.ts";
import { encodeText } from "../../src/bytes/index.ts";
import { type Credential, encodeCcacheFile } from "../../src/credentials/index.ts";
import { createEncTypeSet } from "../../src/entry/gssapi.ts";
import { arcfourHmac } from "../../src/entry/legacy-enctypes.ts";
import { createTestRealm, type TestRealm } from "../../src/entry/testing.ts";
import { KeyRing, type TreeNode, TreeReader } from "../../src/inspect/index.ts";
import { parsePrincipal } from "../../src/krb5/index.ts";
import { makeCredential } from "../support/credentials.ts";

async function toolsOf(): Promise<Tools> {
  const keys = new KeyRing(await createEncTypeSet());
  return { keys, withSecrets: false, reader: new TreeReader(keys, { withSecrets: false, withOctets: false }) };
}

const NOW = new Date("2026-11-28T12:00:00Z");
const node = (label: string, value: string, children: readonly TreeNode[] = []): TreeNode => ({
  label,
  value,
  children,
});

const realmWith = (enctypes: NonNullable<Parameters<typeof createTestRealm>[0]["enctypes"]>): Promise<TestRealm> =>
  createTestRealm({ realm: "TEST.EXAMPLE", enctypes, principals: { alice: { password: "x" }, "host/a": {} } });

describe("what is unusual", () => {
  it("a keytab of RC4 alone; nothing in one of AES", async () => {
    const said = async (enctypes: Parameters<typeof realmWith>[0]): Promise<string[]> => {
      await using realm = await realmWith(enctypes);
      return unusualIn(keytabTree(realm.keytab("host/a"), await toolsOf()), NOW);
    };
    expect(await said([arcfourHmac])).toEqual([
      expect.stringMatching(/^No AES key of host\/a@TEST\.EXAMPLE/),
      expect.stringMatching(/^A weak encryption type: 23 \(arcfour-hmac\)/),
    ]);
    expect((await said([arcfourHmac, "aes256-sha1"])).join()).not.toContain("No AES");
    expect(await said(["aes256-sha1"])).toEqual([]);
  });

  it("tickets of a cache that have ended", async () => {
    await using realm = await realmWith(["aes256-sha1"]);
    const tree = cacheTree(realm.ccache("alice", { lifetimeSeconds: 60 }), await toolsOf());
    expect(unusualIn(tree, new Date())).toEqual([]);
    expect(unusualIn(tree, new Date(Date.now() + 3_600_000)).join()).toContain("A ticket that ended: ");
  });

  it("nothing in the notes of a cache of kinit, which have neither times nor keys", async () => {
    const client = parsePrincipal("alice@TEST.EXAMPLE");
    const { startTime: _, ...made } = makeCredential("krb5_ccache_conf_data/pa_type/krbtgt@X-CACHECONF:");
    const note: Credential = {
      ...made,
      ...{
        client,
        authTime: new Date(0),
        endTime: new Date(0),
        ticket: encodeText("2"),
        flags: 0,
      },
    };
    const tree = cacheTree(encodeCcacheFile({ principal: client, credentials: [note] }), await toolsOf());
    expect(unusualIn(tree, NOW)).toEqual([]);
    expect(tree.children).toEqual([
      {
        label: "note of the cache",
        value: "pa_type krbtgt",
        children: [{ label: "value", value: "1 octet for the programs that use it" }],
      },
    ]);
  });

  it("weak encryption types of a krb5.conf", () => {
    const said = (lines: string): string[] => unusualIn(configTree(`[libdefaults]\n${lines}`), NOW);
    expect(said(" permitted_enctypes = aes256-cts rc4-hmac").join()).toContain(
      "Weak encryption types in permitted_enc",
    );
    expect(said(" default_tkt_enctypes = des-cbc-crc").join()).toContain("Weak encryption types in default_tkt_enc");
    expect(said(" allow_weak_crypto = yes").join()).toContain("allow_weak_crypto lets");
    expect(said(" allow_weak_crypto = false\n permitted_enctypes = aes256-cts")).toEqual([]);
  });

  it.each([
    [node("etypes", "", [node("[0]", "23 (arcfour-hmac)")]), "No AES among"],
    [node("etypes", "", [node("[0]", "18 (aes256-cts-hmac-sha1-96)")]), ""],
    [node("etype", "3 (des-cbc-md5)"), "A weak encryption type"],
    [node("etype", "16 (des3-cbc-sha1-kd)"), "A weak encryption type"],
    [node("flags", "forwardable, invalid"), "An invalid ticket"],
    [node("flags", "okAsDelegate"), "ok-as-delegate"],
    [node("flags", "anonymous"), "An anonymous ticket"],
    [node("flags", "forwardable, renewable"), ""],
    [node("pvno", "4"), "Version 4"],
    [node("pvno", "5"), ""],
    [node("endtime", "2026-11-28T11:00:00.000Z"), "A ticket that ended"],
    [node("endtime", "2026-11-28T13:00:00.000Z"), ""],
  ])("%j: %s", (tree, words) => {
    const found = unusualIn(tree, NOW);
    if (words === "") expect(found).toEqual([]);
    else expect(found.join()).toContain(words);
  });
});
