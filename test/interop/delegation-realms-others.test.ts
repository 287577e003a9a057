// S4U2Self and S4U2Proxy from realm to realm where the KDCs do not do it: Heimdal's and Samba's, each with a trust both
// ways over which tickets pass. What they refuse, in their own words; MIT's kvno is refused with us. With CI=true alone.

import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createClient, type KdcError, keytab, password, type RemctlClient } from "../../src/entry/index.ts";
import { runProgram, startHeimdalBed, startSambaBed } from "../../tools/beds/index.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { failureOf } from "../support/remctl-harness.ts";

const START_MS = 400_000;
const TRUST = "trust-password";
/** AES of 128 and 256 bits (MS-KILE section 2.2.7). */
const AES = 0x18;

type Bed = Awaited<ReturnType<typeof startHeimdalBed>> | Awaited<ReturnType<typeof startSambaBed>>;
interface Pair<T extends Bed> {
  readonly home: T;
  readonly other: T;
  close(): Promise<void>;
}

function pairOf<T extends Bed>(home: T, other: T): Pair<T> {
  return { home, other, close: async () => void (await Promise.all([home.close(), other.close()])) };
}

const kdcsOf = ({ home, other }: Pair<Bed>) => ({ [home.realm]: home.kdc, [other.realm]: other.kdc });

const serviceOf = (pair: Pair<Bed>, name: string, file: string): RemctlClient =>
  createClient({ credentials: keytab(`${name}@${pair.home.realm}`, file), kdc: kdcsOf(pair), forwardable: true });

const userOf = (pair: Pair<Bed>): RemctlClient =>
  createClient({
    credentials: password(`alice@${pair.other.realm}`, pair.other.passwords.alice as string),
    kdc: kdcsOf(pair),
    forwardable: true,
  });

/** What MIT's kvno says to the same. */
async function kvno(pair: Pair<Bed>, name: string, file: string, ...args: readonly string[]): Promise<string> {
  const { home, other } = pair;
  const realms = [home, other].map(({ realm, port }) => ` ${realm} = {\n  kdc = 127.0.0.1:${port}\n }\n`);
  const conf = path.join(home.dir, "both.conf");
  const lines = ` default_realm = ${home.realm}\n dns_lookup_kdc = false\n dns_canonicalize_hostname = false\n`;
  writeFileSync(conf, `[libdefaults]\n${lines}[realms]\n${realms.join("")}`);
  const env = { ...home.env, KRB5_CONFIG: conf, KRB5CCNAME: `FILE:${path.join(home.dir, "cc-both")}` };
  expect((await runProgram(home.bin("kinit"), ["-f", "-k", "-t", file, name], { env })).status).toBe(0);
  const { status, text } = await runProgram(home.bin("kvno"), [...args], { env });
  expect(status).toBe(1);
  return text;
}

describe.runIf(wholeTable)("with the whole table", () => {
  describeLive(["heimdal", "mit"], "two realms of Heimdal 7.8", () => {
    const FRONT = "svc/front";
    const pair = useBed(async () => {
      const trust = (realm: string) => [{ realm, password: TRUST }];
      const lists = ["host/only.other.test@OTHER.TEST", "host/only.other.test@HOME.TEST"].map(
        (target) => `modify --constrained-delegation=${target} ${FRONT}`,
      );
      const [home, other] = await Promise.all([
        startHeimdalBed({
          realm: "HOME.TEST",
          trust: trust("OTHER.TEST"),
          services: [FRONT],
          principals: [`modify --attributes=+trusted-for-delegation ${FRONT}`, ...lists].join("\n"),
        }),
        startHeimdalBed({ realm: "OTHER.TEST", trust: trust("HOME.TEST"), services: ["host/only.other.test"] }),
      ]);
      return pairOf(home, other);
    }, START_MS);

    it("S4U2Self: the other KDC takes the service's enterprise name for a host of a realm TEST", async () => {
      const keys = pair().home.keytab.service;
      expect((await userOf(pair()).getTicket(`${FRONT}@HOME.TEST`)).client.realm).toBe("OTHER.TEST");
      const error = await failureOf<KdcError>(serviceOf(pair(), FRONT, keys).impersonate("alice@OTHER.TEST"));
      expect([error.code, error.message]).toEqual([
        "SERVICE_UNKNOWN",
        expect.stringContaining("the KDC of OTHER.TEST does not know the service svc"),
      ]);
      expect(pair().other.logs()).toMatch(/Returning a referral to realm TEST for server svc/);
      expect(await kvno(pair(), FRONT, keys, "-I", "alice@OTHER.TEST", FRONT)).toMatch(
        /not found in Kerberos database/,
      );
    });

    it("S4U2Proxy: the KDC holds its list against the ticket-granting ticket of the other realm", async () => {
      const keys = pair().home.keytab.service;
      const acting = serviceOf(pair(), FRONT, keys).actFor("alice@HOME.TEST");
      const error = await failureOf<KdcError>(acting.getTicket("host/only.other.test@OTHER.TEST"));
      expect([error.code, error.message]).toEqual([
        "DELEGATION_REFUSED",
        expect.stringContaining("act for alice@HOME.TEST at host/only.other.test@OTHER.TEST"),
      ]);
      expect(pair().home.logs()).toMatch(/as alice@HOME\.TEST to krbtgt\/OTHER\.TEST@HOME\.TEST not allowed/);
    });
  });

  describe.each([
    {
      peer: "samba",
      self: "CLIENT_UNKNOWN",
      text: /Client not found in Kerberos database/,
      list: "host/web.other.test",
    },
    { peer: "samba-later", self: "KDC", text: /Illegal cross-realm ticket/, list: "krbtgt/OTHER.TEST" },
  ] as const)("$peer", ({ peer, self, text, list }) => {
    describeLive([peer, "mit"], "two domains of it", () => {
      const pair = useBed(async () => {
        const names = { realm: "OTHER.TEST", netbios: "OTHER" };
        const [home, other] = await Promise.all([startSambaBed({ peer }), startSambaBed({ peer, names })]);
        const trustOf = async ({ realm, netbios, sidsOf }: typeof home) => {
          const [sid] = await sidsOf("(objectClass=domainDNS)");
          return { trusts: [{ realm, netbios, sid, password: TRUST, enctypes: AES }] };
        };
        const [toHome, toOther] = [await trustOf(home), await trustOf(other)];
        await Promise.all([home.add(toOther), other.add(toHome)]);
        return pairOf(home, other);
      }, START_MS);
      const web = (): RemctlClient => serviceOf(pair(), "WEB$", pair().home.keytab.account);

      it("tickets pass the trust both ways", async () => {
        expect((await userOf(pair()).getTicket("host/web.ad.test@AD.TEST")).client.realm).toBe("OTHER.TEST");
        expect((await web().getTicket("host/web.other.test@OTHER.TEST")).service.realm).toBe("OTHER.TEST");
      });

      it("S4U2Self: the user's KDC refers back, and the service's own looks for the user in its directory", async () => {
        const error = await failureOf<KdcError>(web().impersonate("alice@OTHER.TEST"));
        expect([error.code, error.realm]).toEqual([self, "AD.TEST"]);
        const keys = pair().home.keytab.account;
        expect(await kvno(pair(), "WEB$", keys, "-I", "alice@OTHER.TEST", "WEB$")).toMatch(text);
      });

      it("S4U2Proxy: the KDC holds its lists against what its own realm has", async () => {
        const evidence = await userOf(pair()).getTicket("host/web.ad.test@AD.TEST");
        const error = await failureOf<KdcError>(web().actFor(evidence).getTicket("host/web.other.test@OTHER.TEST"));
        expect([error.code, error.message]).toEqual([
          "DELEGATION_REFUSED",
          expect.stringMatching(/act for alice@OTHER\.TEST at host\/web\.other\.test@OTHER\.TEST: .*must be allowed/),
        ]);
        expect(pair().home.logs()).toContain(`as alice@OTHER.TEST to ${list}@AD.TEST not allowed`);
      });
    });
  });
});
