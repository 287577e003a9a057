// `nodemailer`, unchanged, at Dovecot's submission server.

import { expect, it } from "vitest";
import { nodemailerGssapi } from "../../src/entry/drivers.ts";
import { createClient } from "../../src/entry/index.ts";
import { startDovecot, startMitBed } from "../../tools/beds/index.mjs";
import { driversMissing, requireDriver } from "../support/drivers.ts";
import { describeLive, describeUnless, useBed } from "../support/live.ts";
import { startSmallRelay } from "../support/small-relay.ts";

describeUnless(driversMissing, "with the drivers of tools/drivers", () => {
  describeLive(["mit", "dovecot"], "mail by Kerberos", () => {
    const bed = useBed(() => startMitBed({ services: ["imap/localhost", "submission/localhost"] }));
    const relay = useBed(startSmallRelay);
    const dovecot = useBed(() => startDovecot({ bed: bed(), relayPort: relay().port }));

    async function send(options: object = {}): Promise<void> {
      const { realm, kdc, passwords } = bed();
      const credential = createClient({
        credentials: { principal: `alice@${realm}`, password: passwords.alice as string },
        kdc,
      });
      const transport = requireDriver("nodemailer").createTransport({
        host: "127.0.0.1",
        port: dovecot().submissionPort,
        ignoreTLS: true,
        auth: { type: "custom", method: "GSSAPI", user: "alice" },
        customAuth: { GSSAPI: nodemailerGssapi({ credential, host: "localhost", service: "submission", ...options }) },
      });
      await transport.sendMail({ from: "alice@lab.test", to: "bob@lab.test", subject: "tickets", text: "by Kerberos" });
      transport.close();
    }

    it("nodemailer logs in and sends", async () => {
      await send();
      expect(relay().mails.join("\n")).toContain("by Kerberos");
    });

    it("nodemailer is refused as another, with its own error", async () => {
      await expect(send({ authorizationId: "bob" })).rejects.toMatchObject({
        code: "EAUTH",
        message: expect.stringContaining("the mail server refused the login"),
      });
    });

    it("nodemailer hears what the KDC does not know", async () => {
      await expect(send({ service: "nosuch" })).rejects.toThrow(/nosuch\/localhost/);
    });
  });
});
