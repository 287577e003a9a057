// Delegation at Heimdal's KDC, and a user of another realm at MIT's: with CI=true alone. MIT's kvno beside us.

import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  createClient,
  type KdcError,
  type KerberosError,
  keytab,
  password,
  type RemctlClient,
} from "../../src/entry/index.ts";
import { runProgram, startHeimdalBed, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { failureOf } from "../support/remctl-harness.ts";

describe.runIf(wholeTable)("with the whole table", () => {
  describeLive(["heimdal", "mit"], "delegation with Heimdal's KDC", () => {
    const bed = useBed(() =>
      startHeimdalBed({
        services: ["svc/front", "svc/plain"],
        principals: [
          "modify --attributes=+trusted-for-delegation svc/front",
          "modify --constrained-delegation=host/localhost@HEIM.TEST svc/front",
          "modify --constrained-delegation=host/localhost@HEIM.TEST svc/plain",
        ].join("\n"),
      }),
    );
    const remctld = useBed(() => startRemctld({ bed: bed() }));
    const clientOf = (service: string): RemctlClient =>
      createClient({
        credentials: keytab(`${service}@HEIM.TEST`, bed().keytab.service),
        kdc: bed().kdc,
        forwardable: true,
      });

    it("S4U2Self and S4U2Proxy: remctld sees alice, who gave no password", async () => {
      const { port, service } = remctld();
      const acting = clientOf("svc/front").actFor("alice");
      const result = await acting.remctl("127.0.0.1", ["test", "env", "REMOTE_USER"], { port, service });
      expect([result.status, result.text()]).toEqual([0, "alice@HEIM.TEST\n"]);
    });

    it("the ticket that alice came with is no evidence for Heimdal 7.8, which has not signed it", async () => {
      const credentials = password("alice@HEIM.TEST", bed().passwords.alice as string);
      const evidence = await createClient({ credentials, kdc: bed().kdc, forwardable: true }).getTicket(
        "svc/front@HEIM.TEST",
      );
      const refused = clientOf("svc/front").actFor(evidence).getTicket("host/localhost@HEIM.TEST");
      expect((await failureOf<KdcError>(refused)).code).toBe("DELEGATION_REFUSED");
      expect(bed().logs()).toMatch(
        /Ticket not signed with PAC nor SignedPath service host\/localhost@HEIM\.TEST failed for delegation/,
      );
    });

    it("a service that is not on the list, one that may not say who came, a user who is not there", async () => {
      const refused = clientOf("svc/front").actFor("alice").getTicket("HTTP/localhost@HEIM.TEST");
      expect(await failureOf<KdcError>(refused)).toMatchObject({
        code: "DELEGATION_REFUSED",
        message: expect.stringContaining("must be allowed to delegate to it"),
      });
      const untrusted = clientOf("svc/plain").actFor("alice").getTicket("host/localhost@HEIM.TEST");
      expect(await failureOf<KdcError>(untrusted)).toMatchObject({
        code: "DELEGATION_REFUSED",
        message: expect.stringContaining("is not forwardable"),
      });
      expect(await failureOf<KerberosError>(clientOf("svc/front").impersonate("nosuch"))).toMatchObject({
        code: "CLIENT_UNKNOWN",
      });
    });
  });

  describeLive("mit", "a user of another realm, at MIT's KDCs", () => {
    const beds = useBed(async () => {
      const trust = (realm: string) => [{ realm, password: "trust-password" }];
      const [home, other] = await Promise.all([
        startMitBed({
          realm: "HOME.TEST",
          trust: trust("OTHER.TEST"),
          services: ["svc/front"],
          principals: "modprinc +ok_to_auth_as_delegate svc/front",
        }),
        startMitBed({ realm: "OTHER.TEST", trust: trust("HOME.TEST") }),
      ]);
      home.addRealm(other);
      other.addRealm(home);
      return { home, other, close: async () => void (await Promise.all([home.close(), other.close()])) };
    });

    it("S4U2Self: MIT's own database does not find the service's realm for an enterprise name, for kvno neither", async () => {
      const { home, other } = beds();
      const client = createClient({
        credentials: keytab("svc/front@HOME.TEST", home.keytab.service),
        kdc: { "HOME.TEST": home.kdc, "OTHER.TEST": other.kdc },
        forwardable: true,
      });
      const error = await failureOf<KerberosError>(client.impersonate("alice@OTHER.TEST"));
      const env = { ...home.env, KRB5CCNAME: `FILE:${path.join(home.dir, "cc-front")}` };
      const login = ["-f", "-k", "-t", home.keytab.service, "svc/front"];
      expect((await runProgram(home.bin("kinit"), login, { env })).status).toBe(0);
      const theirs = await runProgram(home.bin("kvno"), ["-I", "alice@OTHER.TEST", "svc/front"], { env });
      expect([error.code, theirs.status]).toEqual(["SERVICE_UNKNOWN", 1]);
      const name = "svc\\/front\\@HOME.TEST@OTHER.TEST";
      expect(error.message).toContain(`the KDC of OTHER.TEST does not know the service ${name}`);
      expect(theirs.text).toContain(`Server ${name} not found in Kerberos database`);
    });
  });
});
