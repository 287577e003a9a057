// Packages that load the native module `kerberos`, unchanged, over the drop-in: hive-driver and cassandra-driver (callbacks) at the SASL
// servers of Cyrus and of the JDK, since neither Hive nor DSE can be had here; passport-negotiate and simple-kerberos, which know the class of 0.x.

import { copyFileSync } from "node:fs";
import { createRequire } from "node:module";
import type net from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { negotiateFetch } from "../../src/entry/http.ts";
import { ccache, createClient } from "../../src/entry/index.ts";
import * as kerberos from "../../src/entry/kerberos.ts";
import { startJava, startMitBed } from "../../tools/beds/index.mjs";
import { ensureFrameworkDependencies } from "../../tools/bootstrap.mjs";
import { cyrusEnd } from "../support/cyrus-end.ts";
import { driversMissing, requireDriver, substituteKerberos } from "../support/drivers.ts";
import { jdkEnd } from "../support/jdk-end.ts";
import { describeLive, describeUnless, useBed, wholeTable } from "../support/live.ts";
import type { SaslEnd } from "../support/small-broker.ts";
import { startSmallServer } from "../support/small-server.ts";

type Callback = (error: Error | null, value?: Uint8Array) => void;

interface CassandraAuthenticator {
  initialResponse(callback: Callback): void;
  evaluateChallenge(challenge: Buffer, callback: Callback): void;
}

/** Statuses of Thrift's SASL transport: an octet, a length of four, and the message. */
const [THRIFT_OK, THRIFT_ERROR, THRIFT_COMPLETE] = [2, 4, 5] as const;

/** A Hive that lets in who logs in by SASL, in the frames of Thrift's SASL transport. */
async function startSmallHive(end: () => Promise<SaslEnd>) {
  const serve = async (socket: net.Socket): Promise<void> => {
    const sasl = await end();
    const send = (status: number, octets: Uint8Array): void => {
      const head = Buffer.from([status, 0, 0, 0, 0]);
      head.writeUInt32BE(octets.length, 1);
      socket.write(Buffer.concat([head, octets]));
    };
    try {
      let received = Buffer.alloc(0);
      let isDone = false;
      for await (const chunk of socket) {
        received = Buffer.concat([received, chunk as Buffer]);
        while (!isDone && received.length >= 5 && received.length >= 5 + received.readUInt32BE(1)) {
          const [status, body] = [received[0], received.subarray(5, 5 + received.readUInt32BE(1))];
          received = received.subarray(5 + body.length);
          if (status !== THRIFT_OK) continue;
          // The end of the loop closes the socket, so what is refused is said within it.
          const next = await sasl.step(Buffer.from(body)).catch(() => undefined);
          if (next === undefined) send(THRIFT_ERROR, Buffer.from("Authentication failed"));
          else send(next.isDone ? THRIFT_COMPLETE : THRIFT_OK, next.challenge);
          isDone = next?.isDone ?? true;
        }
      }
    } catch {
      // The client went away.
    } finally {
      await sasl.close?.();
    }
  };
  return startSmallServer(serve);
}

describe.runIf(wholeTable)("all of it", () => {
  describeUnless(driversMissing, "with the drivers of tools/drivers", () => {
    describeLive(["mit", "slapd"], "packages over npm kerberos", () => {
      const names: string[] = [];
      const bed = useBed(() => startMitBed({ services: ["hive/localhost", "dse/localhost"] }));
      let endOf = (service: string): Promise<SaslEnd> => cyrusEnd({ bed: bed(), service }, names);
      const hive = useBed(() => startSmallHive(() => endOf("hive")));

      beforeAll(() => {
        substituteKerberos((kerberos as unknown as Record<string, unknown>)["module.exports"]);
        const credentials = { principal: `alice@${bed().realm}`, password: bed().passwords.alice as string };
        kerberos.configure({ credentials, kdc: bed().kdc, config: false, keytab: bed().keytab.service });
      });

      async function connectHive(service: string, username = "alice"): Promise<void> {
        const { HiveClient, thrift, auth, connections } = requireDriver("hive-driver");
        const { TCLIService, TCLIService_types } = thrift;
        const process = new auth.helpers.MongoKerberosAuthProcess(
          { fqdn: "localhost", service },
          requireDriver("kerberos"),
        );
        const client = new HiveClient(TCLIService, TCLIService_types);
        client.on("error", () => {});
        const authentication = new auth.KerberosTcpAuthentication({ username }, process);
        await client.connect({ host: "localhost", port: hive().port }, new connections.TcpConnection(), authentication);
        client.close();
      }

      it("hive-driver logs in", async () => {
        names.length = 0;
        await connectHive("hive");
        expect(names).toEqual(["alice"]);
      });

      it("hive-driver fails with the native words", async () => {
        await expect(connectHive("nosuch")).rejects.toMatchObject({
          code: "SERVICE_UNKNOWN",
          message: expect.stringContaining(`Server nosuch/localhost@${bed().realm} not found in Kerberos database`),
        });
      });

      it("hive-driver is refused as another, with its own error", async () => {
        await expect(connectHive("hive", "bob")).rejects.toThrow("Authentication error: Authentication failed");
      });

      /** As the driver's connection calls it, for each frame of the server. */
      async function authenticateCassandra(options: object): Promise<void> {
        const { DseGssapiAuthProvider } = requireDriver("cassandra-driver").auth;
        const hostNameResolver = (_ip: string, done: (error: null, name: string) => void): void =>
          done(null, "localhost");
        const provider = new DseGssapiAuthProvider({ hostNameResolver, ...options });
        const name = "com.datastax.bdp.cassandra.auth.DseAuthenticator";
        const authenticator: CassandraAuthenticator = provider.newAuthenticator("127.0.0.1:9042", name);
        const called = (call: (callback: Callback) => void): Promise<Uint8Array> =>
          new Promise((resolve, reject) => {
            call((error, value) => (error ? reject(error) : resolve(value as Uint8Array)));
          });
        expect(String(await called((done) => authenticator.initialResponse(done)))).toBe("GSSAPI");
        const end = await endOf("dse");
        try {
          let challenge: Uint8Array = Buffer.from("GSSAPI-START");
          for (let isDone = false; !isDone; ) {
            const response = await called((done) => authenticator.evaluateChallenge(Buffer.from(challenge), done));
            ({ challenge, isDone } = await end.step(Buffer.from(response)));
          }
        } finally {
          await end.close?.();
        }
      }

      it("cassandra-driver's provider logs in, with and without an authorization identity", async () => {
        names.length = 0;
        await authenticateCassandra({});
        await authenticateCassandra({ authorizationId: "alice" });
        expect(names).toEqual(["alice", "alice"]);
      });

      it("cassandra-driver's provider hears what the KDC does not know", async () => {
        await expect(authenticateCassandra({ service: "nosuch" })).rejects.toMatchObject({ code: "SERVICE_UNKNOWN" });
      });

      it("both say that the tickets of a cache have ended, and log in with the next of the same cache", async () => {
        const { kinit, kdc, passwords, realm, keytab } = bed();
        const login = (...args: string[]) => kinit("alice", { password: passwords.alice as string }, { args });
        const cacheOf = async (...args: string[]) => String((await login(...args)).env.KRB5CCNAME);
        const cache = await cacheOf("-l", "1s");
        const over = { kdc, config: false, keytab: keytab.service } as const;
        kerberos.configure({ ...over, credentials: ccache(cache) });
        try {
          // At least until it has ended: its times are whole seconds.
          await new Promise((resolve) => setTimeout(resolve, 2_100));
          const ended = {
            code: "TICKET_EXPIRED",
            message: expect.stringMatching(/: Ticket expired$/),
            cause: { message: expect.stringContaining("log in with kinit") },
          };
          await expect(connectHive("hive")).rejects.toMatchObject(ended);
          await expect(authenticateCassandra({})).rejects.toMatchObject(ended);
          copyFileSync((await cacheOf()).replace("FILE:", ""), cache.replace("FILE:", ""));
          names.length = 0;
          await connectHive("hive");
          await connectHive("hive");
          await authenticateCassandra({});
          expect(names).toEqual(["alice", "alice", "alice"]);
        } finally {
          const credentials = { principal: `alice@${realm}`, password: passwords.alice as string };
          kerberos.configure({ ...over, credentials });
        }
      });

      describeLive("java", "at the JDK's SASL server", () => {
        const java = useBed(() => startJava({ bed: bed() }), 240_000);
        beforeAll(() => {
          endOf = (service) => jdkEnd(java(), service, names);
        });

        it("hive-driver and cassandra-driver log in", async () => {
          names.length = 0;
          const alice = `alice@${bed().realm}`;
          await connectHive("hive", alice);
          await authenticateCassandra({});
          await authenticateCassandra({ authorizationId: alice });
          expect(names).toEqual([alice, alice, alice]);
        }, 120_000);

        it("are refused as another than they are", async () => {
          const bob = `bob@${bed().realm}`;
          await expect(connectHive("hive", bob)).rejects.toThrow("Authentication error: Authentication failed");
          await expect(authenticateCassandra({ authorizationId: bob })).rejects.toThrow(/not authorized/);
        }, 120_000);
      });

      it("simple-kerberos knows who a token is of, and refuses what is none", async () => {
        const { default: authenticate } = requireDriver("simple-kerberos");
        const client = await kerberos.initializeClient("HTTP@localhost");
        expect(await authenticate(await client.step(""))).toBe(`alice@${bed().realm}`);
        await expect(authenticate("bm90IGEgdG9rZW4=")).rejects.toMatchObject({
          message: 'Simple Kerberos failed at "step" stage',
          stack: expect.stringContaining("Invalid token was supplied"),
        });
      });

      describeLive("mit", "passport-negotiate", () => {
        let server: net.Server | undefined;
        let url = "";

        beforeAll(async () => {
          await ensureFrameworkDependencies();
          const requireFramework = createRequire(new URL("../../tools/frameworks/package.json", import.meta.url));
          const [express, passport] = [requireFramework("express"), requireFramework("passport")];
          const { Strategy } = requireDriver("passport-negotiate");
          const verify = (name: string, done: (error: null, user: object) => void): void => done(null, { name });
          passport.use(new Strategy(verify));
          const app = express();
          app.use(passport.initialize());
          const protect = passport.authenticate("negotiate", { session: false });
          app.get("/who", protect, (request: { user: { name: string } }, response: { send(text: string): void }) => {
            response.send(request.user.name);
          });
          const listening: net.Server = await new Promise((resolve) => {
            const one = app.listen(0, "127.0.0.1", () => resolve(one));
          });
          server = listening;
          url = `http://localhost:${(listening.address() as AddressInfo).port}`;
        });
        afterAll(() => server?.close());

        it("knows who a request is of", async () => {
          const challenge = await fetch(`${url}/who`);
          expect([challenge.status, challenge.headers.get("www-authenticate")]).toEqual([401, "Negotiate"]);
          const credentials = { principal: `bob@${bed().realm}`, password: bed().passwords.bob as string };
          const credential = createClient({ credentials, kdc: bed().kdc });
          const open = negotiateFetch({ credential, origins: [url], mutual: "off" });
          expect(await (await open(`${url}/who`)).text()).toBe(`bob@${bed().realm}`);
          const refused = await fetch(`${url}/who`, { headers: { authorization: "Negotiate bm90IGEgdG9rZW4=" } });
          expect(refused.status).toBe(500);
        });
      });
    });
  });
});
