// RC4, triple DES and Camellia against a KDC of MIT that still has them: who may log in with what, with our tools and as
// a program, and what MIT's tools make of it.

import fs from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type ClientOptions,
  createClient,
  createKerberos,
  type KerberosError,
  keytab,
  parsePrincipal,
  password,
} from "../../src/entry/index.ts";
import { arcfourHmac, camellia256CtsCmac, des3CbcSha1 } from "../../src/entry/legacy-enctypes.ts";
import { runProgram, startMitBed } from "../../tools/beds/index.mjs";
import { runCli } from "../support/cli.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";

const AES = ["aes256-sha1", "aes128-sha1"] as const;
/** The name of the user and of its service, the enctype, and what a krb5.conf needs to permit it. */
const rows = [
  ["rc4", "arcfour-hmac", arcfourHmac, "allow_rc4 = true"],
  ["des3", "des3-cbc-sha1", des3CbcSha1, "allow_des3 = true"],
  ["camellia", "camellia256-cts-cmac", camellia256CtsCmac, "permitted_enctypes = camellia aes256-sha1"],
] as const;

/** Two realms whose trust is as old as its keys: RC4 alone, as between Active Directories that were never told better. */
describe.runIf(wholeTable)("a trust whose keys are of RC4 alone", () => {
  describeLive("mit", "MIT's KDCs", () => {
    const beds = useBed(async () => {
      const start = (realm: string, other: string) =>
        startMitBed({
          realm,
          krb5ConfLibdefaults: ["allow_rc4 = true", "permitted_enctypes = aes rc4"],
          trust: [{ realm: other, password: "trust-password", enctypes: "arcfour-hmac" }],
          // MIT's KDC would make session keys of AES all the same; Active Directory does not.
          principals: `setstr krbtgt/${other}@${realm} session_enctypes arcfour-hmac`,
        });
      const [home, other] = await Promise.all([start("HOME.TEST", "OTHER.TEST"), start("OTHER.TEST", "HOME.TEST")]);
      home.addRealm(other);
      other.addRealm(home);
      return { home, other, close: async () => void (await Promise.all([home.close(), other.close()])) };
    });
    const kerberos = (enctypes?: ClientOptions["enctypes"]) => {
      const kdc = { "HOME.TEST": beds().home.kdc, "OTHER.TEST": beds().other.kdc };
      return createClient({
        credentials: password("alice@HOME.TEST", beds().home.passwords.alice),
        kdc,
        ...(enctypes === undefined ? {} : { enctypes }),
      });
    };

    it("says which trust, why and the cure; with RC4 permitted there is a way", async () => {
      const error = await kerberos()
        .getTicket("host/localhost@OTHER.TEST")
        .catch((thrown: KerberosError) => thrown);
      expect(error).toMatchObject({
        code: "ETYPE_NOT_PERMITTED",
        message: expect.stringMatching(
          /^the KDC of HOME\.TEST has no key of krbtgt\/OTHER\.TEST@HOME\.TEST of an enctype that is permitted here .*: give the trust AES keys; in Active Directory its msDS-SupportedEncryptionTypes must allow AES/,
        ),
      });
      const ticket = await kerberos([...AES, arcfourHmac]).getTicket("host/localhost@OTHER.TEST");
      expect([ticket.service.realm, ticket.sessionKey.encType.etype]).toEqual(["OTHER.TEST", 18]);
      expect(ticket.client.realm).toBe("HOME.TEST");
    });

    it("doctor says so, and what to change", async () => {
      const file = path.join(beds().home.dir, "doctor.conf");
      const text = fs.readFileSync(beds().home.krb5Conf, "utf8");
      fs.writeFileSync(file, text.replaceAll(/^.*(allow_rc4|permitted_enctypes).*$/gm, ""));
      const env = { KRB5_CONFIG: file, KRB5CCNAME: `FILE:${beds().home.dir}/none` };
      const args = [
        "doctor",
        "-j",
        "-T",
        "60",
        "-w",
        "-s",
        "host/localhost@OTHER.TEST",
        "alice@HOME.TEST",
        "localhost",
      ];
      const { stdout } = await runCli(args, { env, input: `${beds().home.passwords.alice}\n` });
      expect(stdout).toMatch(
        /"check":"trust","outcome":"fail".*"advice":"in Active Directory set msDS-SupportedEncryptionTypes/,
      );
    });
  });
});

describeLive("mit", "enctypes that are deprecated or rare", () => {
  const bed = useBed(() =>
    startMitBed({
      krb5ConfLibdefaults: ["allow_rc4 = true", "allow_des3 = true", "permitted_enctypes = aes des3 rc4 camellia"],
      principals: rows
        .flatMap(([user, enctype]) => [
          `addprinc -e ${enctype}:normal -pw ${user}-password +requires_preauth ${user}`,
          `addprinc -e ${enctype}:normal -randkey host/${user}`,
          `ktadd -norandkey -k legacy.keytab ${user} host/${user}`,
        ])
        .join("\n"),
    }),
  );
  const keys = () => path.join(bed().dir, "legacy.keytab");
  /** A krb5.conf of the realm with one more line, as our tools and a program read it. */
  const configWith = (name: string, line: string): string => {
    const text = fs
      .readFileSync(bed().krb5Conf, "utf8")
      .split("\n")
      .filter((one) => !/permitted_enctypes|allow_/.test(one))
      .join("\n");
    const file = path.join(bed().dir, `${name}.conf`);
    fs.writeFileSync(file, text.replace("[libdefaults]", `[libdefaults]\n ${line}`));
    return file;
  };
  beforeAll(() => expect(fs.existsSync(keys())).toBe(true));

  it.each(rows)(
    "%s: kinit and kvno with the keytab where krb5.conf permits it, and MIT reads the cache",
    async (...row) => {
      const [user, enctype, , line] = row;
      const env = { KRB5_CONFIG: configWith(user, line), KRB5CCNAME: `FILE:${path.join(bed().dir, `cc-${user}`)}` };
      const login = await runCli(["kinit", "-k", "-t", keys(), user], { env });
      expect(login).toMatchObject({ status: 0, stderr: "" });
      const asked = await runCli(["kvno", "-k", keys(), `host/${user}`], { env });
      expect(asked).toMatchObject({ status: 0 });
      expect(asked.stdout).toContain("keytab entry valid");
      // Both in the time zone of the user who runs the tests.
      const { TZ } = process.env;
      const mitEnv = { ...bed().env, ...env, ...(TZ === undefined ? {} : { TZ }) };
      const listed = await runProgram(bed().bin("klist"), ["-e"], { env: mitEnv });
      expect(listed.text).toContain(`host/${user}@${bed().realm}`);
      const marks = listed.text.split("\n").filter((one) => one.includes("Etype"));
      expect(marks.at(-1)).toContain(enctype);
      const ours = await runCli(["klist", "-e"], { env });
      expect(ours.stdout.split("\n").filter((one) => one.includes("Etype"))).toEqual(marks);
    },
  );

  it.each(rows)("%s: refused where krb5.conf does not permit it, with what is missing", async (user) => {
    const env = {
      KRB5_CONFIG: configWith(`${user}-aes`, "permitted_enctypes = aes"),
      KRB5CCNAME: `FILE:${path.join(bed().dir, `cc-${user}-aes`)}`,
    };
    const { status, stderr } = await runCli(["kinit", "-k", "-t", keys(), user], { env });
    expect(status).toBe(1);
    expect(stderr).toMatch(/no key of a permitted enctype|no suitable keys/i);
  });

  it.each(rows)("%s: a program permits it by a value, and its password by name", async (user, enctype, type) => {
    const kdc = { [bed().realm]: bed().kdc };
    const name = `${user}@${bed().realm}`;
    const enctypes = [...AES, type];
    const robot = await createKerberos({ kdc, enctypes }).login(keytab(name, fs.readFileSync(keys())));
    const { ticket } = await createKerberos({ kdc, enctypes }).getServiceTicket(
      robot.ticket,
      parsePrincipal(`host/${user}@${bed().realm}`),
    );
    expect(ticket.service.components).toEqual(["host", user]);
    const person = password(name, `${user}-password`);
    const isDeprecated = type !== camellia256CtsCmac;
    const plain = createKerberos({ kdc, enctypes }).login(person);
    if (isDeprecated) await expect(plain).rejects.toMatchObject({ code: "ETYPE_NOT_PERMITTED" });
    else expect((await plain).ticket.client.components).toEqual([user]);
    if (!isDeprecated) return;
    const allowed = createKerberos({ kdc, enctypes, login: [enctype] });
    expect((await allowed.login(person)).ticket.client.components).toEqual([user]);
    await expect(allowed.login(password(name, "wrong"))).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
  });
});
