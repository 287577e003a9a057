// As walk.test.ts, for what administrators do to accounts and passwords, at MIT's and Samba's KDCs, and at squid.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { negotiateFetch, nodeConnections, type ProxyOptions } from "../../src/entry/http.ts";
import { createClient } from "../../src/entry/index.ts";
import { isKerberosError } from "../../src/errors.ts";
import { startMitBed, startSambaBed, startSquid } from "../../tools/beds/index.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { expectAdvice, expectLeads } from "./walk/leads.ts";
import type { peerCodes } from "./walk/peer-codes.ts";

const TIMEOUT_MS = 60_000;

interface Failing {
  readonly code: (typeof peerCodes)[number];
  readonly cure: string;
  fails(): Promise<unknown>;
  helps(): Promise<unknown>;
}

/** It fails as the page knows it; what the page says to do is done, and helps. */
async function walk({ code, cure, fails, helps }: Failing): Promise<void> {
  const error: unknown = await fails().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isKerberosError(error)) throw error ?? new Error(`nothing failed where ${code} was to come`);
  expect(error.code, error.message).toBe(code);
  expectAdvice(error.message);
  expectLeads({ code, message: error.message, cure });
  await helps();
}

describe.runIf(wholeTable)("from an error to its cure, at real peers", () => {
  describeLive("mit", "MIT", () => {
    const bed = useBed(() =>
      startMitBed({
        kadmind: true,
        principals: "addpol -minlength 10 long\naddprinc -policy long -pw a-long-password carol",
      }),
    );
    const of = (name: string, password: string) =>
      createClient({
        credentials: { principal: `${name}@${bed().realm}`, password },
        kdc: bed().kdc,
        kpasswd: bed().kpasswd,
      });

    it("a password that has ended is changed by its owner", { timeout: TIMEOUT_MS }, () =>
      walk({
        code: "PASSWORD_EXPIRED",
        cure: "works with an expired one",
        fails: () => of("pwexpired", "pwexpired-password").getTicket("host/localhost"),
        helps: async () => {
          await of("pwexpired", "pwexpired-password").changePassword("another-password");
          await of("pwexpired", "another-password").getTicket("host/localhost");
        },
      }),
    );

    it("a password that the policy refuses", { timeout: TIMEOUT_MS }, () =>
      walk({
        code: "PASSWORD_REJECTED",
        cure: "Choose another",
        fails: () => of("carol", "a-long-password").changePassword("short"),
        helps: () => of("carol", "a-long-password").changePassword("another-long-password"),
      }),
    );

    it("another's password, without the right to set it", { timeout: TIMEOUT_MS }, () => {
      const set = (name: string, password: string) =>
        of(name, password).changePassword("set-by-another", { target: `bob@${bed().realm}` });
      return walk({
        code: "PASSWORD_CHANGE",
        cure: "Look whether you may change that password",
        fails: () => set("alice", "alice-password"),
        helps: () => set("admin/admin", "admin-password"),
      });
    });
  });

  describeLive(["mit", "squid"], "squid", () => {
    const bed = useBed(() => startMitBed());
    const squid = useBed(() => startSquid({ bed: bed() }));
    const ask = async (proxy: Partial<ProxyOptions> = {}) => {
      const site = createServer((_request, response) => response.end("in")).listen(0, "127.0.0.1");
      await once(site, "listening");
      const credentials = { principal: `alice@${bed().realm}`, password: bed().passwords.alice as string };
      const credential = createClient({ credentials, kdc: bed().kdc });
      const connections = nodeConnections({ proxy: { url: squid().url, credential, ...proxy } });
      try {
        await negotiateFetch({ credential, origins: [], connections })(
          `http://localhost:${(site.address() as AddressInfo).port}/`,
        );
      } finally {
        site.close();
      }
    };

    it("a proxy's service by another name than the proxy has a key for", { timeout: TIMEOUT_MS }, () =>
      walk({
        code: "HTTP_PROXY_REFUSED",
        cure: "at the name of its service (`target`",
        fails: () => ask({ target: "host@localhost" }),
        helps: () => ask(),
      }),
    );
  });

  describeLive("samba", "an Active Directory of Samba's", () => {
    const bed = useBed(() => startSambaBed());
    const of = (name: string, password = `${name}-password`) =>
      createClient({
        credentials: { principal: `${name}@${bed().realm}`, password },
        kdc: bed().kdc,
        kpasswd: bed().kpasswd,
      });
    const ticketOf = (name: string, password?: string) => of(name, password).getTicket("host/localhost");
    const replace = (name: string, attribute: string, value: string) =>
      bed().modify(
        `dn: CN=${name},CN=Users,DC=ad,DC=test\nchangetype: modify\nreplace: ${attribute}\n${attribute}: ${value}\n`,
      );

    it("an account that is disabled", { timeout: TIMEOUT_MS }, () =>
      walk({
        code: "CLIENT_DISABLED",
        cure: "Let an administrator enable it",
        fails: () => ticketOf("disabled"),
        helps: async () => {
          await replace("disabled", "userAccountControl", String(0x10200));
          await ticketOf("disabled");
        },
      }),
    );

    it("a realm by its short name", { timeout: TIMEOUT_MS }, () => {
      const logIn = (realm: string) =>
        createClient({
          credentials: { principal: `alice@${realm}`, password: "alice-password" },
          kdc: bed().kdc,
        }).getTicket(`krbtgt/${realm}`);
      return walk({
        code: "OTHER_REALM",
        cure: "Write the principal as the message does",
        fails: () => logIn(bed().netbios),
        helps: () => logIn(bed().realm),
      });
    });

    it("an hour at which the account may not log in", { timeout: TIMEOUT_MS }, () =>
      walk({
        code: "CLIENT_HOURS",
        cure: "within its logon hours",
        fails: () => ticketOf("hours"),
        helps: async () => {
          await bed().modify(
            `dn: CN=hours,CN=Users,DC=ad,DC=test\nchangetype: modify\nreplace: logonHours\nlogonHours:: ${"/".repeat(28)}\n`,
          );
          await ticketOf("hours");
        },
      }),
    );

    it("a password that must be changed first", { timeout: TIMEOUT_MS }, () =>
      walk({
        code: "PASSWORD_MUST_CHANGE",
        cure: "`client.changePassword(newPassword)`",
        fails: () => ticketOf("mustchange"),
        helps: async () => {
          await of("mustchange").changePassword("Another-horse-7");
          await ticketOf("mustchange", "Another-horse-7");
        },
      }),
    );
  });
});
