// FAST, PKINIT and anonymous logins at Heimdal's KDC, and FAST at Samba's.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { anonymous, certificate, createKerberos, keytab, password } from "../../src/entry/index.ts";
import { startSambaBed } from "../../tools/beds/index.mjs";
import { HEIMDAL_PKI_START_MS, startHeimdalPkiBed } from "../support/heimdal-pki.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";

describeLive(["heimdal", "mit", "mit-logins"], "logins at a Heimdal KDC", () => {
  const bed = useBed(startHeimdalPkiBed, HEIMDAL_PKI_START_MS);
  const anchors = () => ["ca-rsa.pem", "ca-ec.pem"].map((name) => readFileSync(bed().pki.file(name), "utf8"));
  const alice = (secret: string) => password(`alice@${bed().realm}`, secret);

  it("encrypted challenge inside FAST, and a wrong password is refused", async () => {
    const armor = keytab(`robot@${bed().realm}`, bed().keytab.robot);
    const kerberos = createKerberos({ kdc: bed().kdc, armor });
    const { ticket, preauthType } = await kerberos.login(alice(bed().passwords.alice as string));
    expect(preauthType).toBe(138);
    const { ticket: service } = await kerberos.getServiceTicket(ticket, "host/localhost");
    expect(service.client.components).toEqual(["alice"]);
    await expect(kerberos.login(alice("wrong"))).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
  });

  describe.runIf(wholeTable)("the whole table", () => {
    it("a certificate, and the armor of a login without a name", async () => {
      const { file } = bed().pki;
      const own = {
        certificate: readFileSync(file("client-rsa.pem"), "utf8"),
        key: readFileSync(file("client-rsa.key"), "utf8"),
      };
      const plain = createKerberos({ kdc: bed().kdc });
      const robot = await plain.login(certificate(`alice@${bed().realm}`, { ...own, anchors: anchors() }));
      expect(robot.preauthType).toBe(16);
      const armor = anonymous(bed().realm, { anchors: anchors() });
      const { preauthType } = await createKerberos({ kdc: bed().kdc, armor }).login(
        alice(bed().passwords.alice as string),
      );
      expect(preauthType).toBe(138);
      const other = [readFileSync(file("ca-other.pem"), "utf8")];
      await expect(plain.login(anonymous(bed().realm, { anchors: other }))).rejects.toMatchObject({
        code: "KDC_NOT_TRUSTED",
      });
    });
  });
});

describeLive(["samba", "mit"], "FAST at Samba's KDC", () => {
  const bed = useBed(startSambaBed, 300_000);

  it.runIf(wholeTable)(
    "encrypted challenge inside the armor of a computer's ticket, and a wrong password is refused",
    async () => {
      const { realm, passwords, keytab: files, port } = bed();
      const robot = keytab(undefined, files.account);
      const kerberos = createKerberos({ kdc: [`tcp://127.0.0.1:${port}`], armor: robot });
      const { ticket, preauthType } = await kerberos.login(password(`alice@${realm}`, passwords.alice));
      expect(preauthType).toBe(138);
      expect(ticket.client.components).toEqual(["alice"]);
      await expect(kerberos.login(password(`alice@${realm}`, "wrong"))).rejects.toMatchObject({
        code: "WRONG_PASSWORD",
      });
    },
  );

  it.runIf(wholeTable)("a ticket for a user and her computer: Samba opens the explicit armor", async () => {
    const { realm, passwords, keytab: files, port } = bed();
    const kdc = { [realm]: [`tcp://127.0.0.1:${port}`] };
    const { ticket: armor } = await createKerberos({ kdc }).login(keytab(undefined, files.account));
    const kerberos = createKerberos({ kdc });
    const { ticket: tgt } = await kerberos.login(password(`alice@${realm}`, passwords.alice));
    const { ticket } = await kerberos.getServiceTicket(tgt, "host/localhost", { armor });
    expect(ticket.client.components).toEqual(["alice"]);
  });
});
