// createSaslClient against Dovecot's IMAP server, which has no security layers and goes on after GSS-SPNEGO.

import { connect } from "node:net";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { decodeBase64, encodeBase64 } from "../../src/bytes/index.ts";
import { createClient } from "../../src/entry/index.ts";
import { createSaslClient, type SaslClientOptions } from "../../src/entry/sasl.ts";
import { createSpnegoInitiator } from "../../src/entry/spnego.ts";
import { startDovecot, startMitBed } from "../../tools/beds/index.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";

describeLive(["mit", "dovecot"], "createSaslClient and Dovecot", () => {
  const bed = useBed(() => startMitBed({ services: ["imap/localhost"] }));
  const dovecot = useBed(() => startDovecot({ bed: bed() }));

  /** AUTHENTICATE (RFC 9051 section 6.2.2, RFC 4959); gives the server's last line. */
  async function authenticate(options: Partial<SaslClientOptions>, hasInitialResponse = true): Promise<string> {
    const { realm, kdc, passwords } = bed();
    const credential = createClient({
      credentials: { principal: `alice@${realm}`, password: passwords.alice as string },
      kdc,
    });
    const sasl = createSaslClient({ service: "imap", host: "localhost", credential, layers: ["none"], ...options });
    const socket = connect(dovecot().port, "127.0.0.1");
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    const read = async (): Promise<string> => (await lines.next()).value ?? "";
    try {
      expect(await read()).toContain(`AUTH=${sasl.mechanism}`);
      const initial = hasInitialResponse ? ` ${encodeBase64(await sasl.step())}` : "";
      socket.write(`a AUTHENTICATE ${sasl.mechanism}${initial}\r\n`);
      for (;;) {
        const line = await read();
        if (!line.startsWith("+")) {
          if (line.startsWith("a OK")) expect(await sasl.finish()).toBeUndefined();
          return line;
        }
        socket.write(`${encodeBase64(await sasl.step(decodeBase64(line.slice(2))))}\r\n`);
      }
    } finally {
      socket.destroy();
    }
  }

  it("logs in", async () => {
    expect(await authenticate({})).toMatch(/^a OK .*Logged in$/);
  });

  it("is refused as another", async () => {
    expect(await authenticate({ authorizationId: "bob" })).toMatch(/^a NO/);
  });

  describe.runIf(wholeTable)("the whole table", () => {
    it("without an initial response", async () => {
      expect(await authenticate({}, false)).toMatch(/^a OK/);
    });

    it.each([true, false])("by GSS-SPNEGO, after which it offers layers (initial response: %s)", async (initial) => {
      const spnego = { mechanism: "GSS-SPNEGO", spnego: createSpnegoInitiator } as const;
      expect(await authenticate(spnego, initial)).toMatch(/^a OK/);
    });

    it("as itself by the name that the server has", async () => {
      expect(await authenticate({ authorizationId: "alice" })).toMatch(/^a OK/);
    });

    it("refuses to go on where encryption is wanted, which the server does not have", async () => {
      await expect(authenticate({ layers: ["confidentiality"] })).rejects.toMatchObject({ code: "SASL_LAYER" });
    });
  });
});
