import { beforeAll, describe, expect, it } from "vitest";
import { mysql2Gssapi, nodemailerGssapi } from "../../../src/entry/drivers.ts";
import { createAcceptor } from "../../../src/entry/gssapi.ts";
import { createClient, type RemctlClient } from "../../../src/entry/index.ts";
import { createSaslServer } from "../../../src/entry/sasl.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";

let realm: TestRealm;
let credential: RemctlClient;

beforeAll(async () => {
  const services = { "smtp/mail.test": {}, "mariadb/db.test": {} };
  realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals: { alice: { password: "secret" }, ...services } });
  credential = createClient({
    credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
    kdc: realm.kdc,
    dial: realm.dial,
    config: false,
  });
});

/** As drivers do with an error of a plug-in: their own code and words go into it. */
function spoil(error: unknown): { readonly code?: unknown; readonly cause?: unknown; readonly message?: unknown } {
  const told = error as { code?: unknown; message?: unknown };
  told.code = "EAUTH";
  told.message += ": 334 ";
  return told;
}

/** Two logins at once with one client, which hear of the same failure, and what a third one hears from the client. */
async function expectOwnErrors(logIn: () => Promise<unknown>, client: RemctlClient): Promise<void> {
  const outcome = (login: Promise<unknown>) =>
    login.then(
      () => new Error("it logged in"),
      (reason: Error) => reason,
    );
  const [first, second] = (await Promise.all([logIn(), logIn()].map(outcome))) as [Error, Error];
  expect(first).not.toBe(second);
  const words = second.message;
  expect([first.message, (first as { code?: unknown }).code]).toEqual([words, "WRONG_PASSWORD"]);
  spoil(first);
  expect([second.message, (second as { code?: unknown }).code]).toEqual([words, "WRONG_PASSWORD"]);
  spoil(second);
  const service = { realm: "TEST.EXAMPLE", nameType: 3, components: ["smtp", "mail.test"] };
  const kept = await outcome(client.getTicket(service));
  expect([kept.message.slice(0, words.length), (kept as { code?: unknown }).code]).toEqual([words, "WRONG_PASSWORD"]);
  expect(kept.message).not.toContain("334");
  expect(first.cause).toMatchObject({ code: "WRONG_PASSWORD", name: "PreauthError" });
}

const withWrongPassword = (): RemctlClient =>
  createClient({
    credentials: { principal: "alice@TEST.EXAMPLE", password: "wrong" },
    kdc: realm.kdc,
    dial: realm.dial,
    config: false,
  });

describe("nodemailerGssapi", () => {
  const options = () => ({ credential, host: "mail.test" });

  it("speaks AUTH GSSAPI with the initial response on a line for itself", async () => {
    const sasl = createSaslServer({ keytab: realm.keytab("smtp/mail.test"), layers: ["none"] });
    const lines: string[] = [];
    await nodemailerGssapi(options())({
      async sendCommand(line) {
        lines.push(line);
        if (lines.length === 1) return { response: "334" };
        const challenge = await sasl.step(Buffer.from(line, "base64"));
        if (sasl.isComplete) return { response: "235 2.7.0 welcome" };
        return { response: `334 ${Buffer.from(challenge ?? []).toString("base64")}` };
      },
    });
    expect(lines[0]).toBe("AUTH GSSAPI");
    expect(lines.length).toBe(4);
    expect(sasl.client?.components).toEqual(["alice"]);
  });

  it("SM1: does not believe a server that lets us in without a proof", async () => {
    const answers = ["334 ", "235 welcome"];
    const login = nodemailerGssapi(options())({ sendCommand: async () => ({ response: answers.shift() ?? "" }) });
    await expect(login).rejects.toMatchObject({ code: "SASL_PROTOCOL" });
  });

  it("DE1: nodemailer: gives each login an error of its own, which the driver may change", async () => {
    const client = withWrongPassword();
    const login = nodemailerGssapi({ credential: client, host: "mail.test" });
    await expectOwnErrors(() => login({ sendCommand: async () => ({ response: "334 " }) }), client);
  });

  it("says what the server said, cleaned and bounded", async () => {
    const response = `535 5.7.8 \u001b[2J${"no".repeat(500)}`;
    const login = nodemailerGssapi(options())({ sendCommand: async () => ({ response }) });
    const error: Error = await login.then(
      () => new Error("it logged in"),
      (reason) => reason,
    );
    expect(error.message).toMatch(/^the mail server refused the login \(535 5\.7\.8 /);
    expect(error.message).not.toContain("\u001b");
    expect(error.message.length).toBeLessThan(400);
  });
});

describe("mysql2Gssapi", () => {
  const stepWith = (config: object) => mysql2Gssapi({ credential })({ connection: { config } })("named by the server");

  it("MY1: gives no ticket where the server is not proved by TLS", async () => {
    const unproved = [
      {},
      { ssl: {} },
      { ssl: { verifyIdentity: true, rejectUnauthorized: false } },
      { socketPath: "" },
    ];
    for (const config of unproved) {
      await expect(stepWith({ host: "db.test", ...config })).rejects.toThrow("verifyIdentity: true");
    }
  });

  it("gives one ticket for the host of the connection", async () => {
    const plugin = mysql2Gssapi({ credential })({
      connection: { config: { host: "db.test", ssl: { verifyIdentity: true } } },
    });
    const token = (await plugin("mysql/elsewhere@OTHER\0\0")) as Uint8Array;
    const acceptor = createAcceptor({ keytab: realm.keytab("mariadb/db.test") });
    expect(await acceptor.step(token)).toBeUndefined();
    expect(acceptor.peer?.components).toEqual(["alice"]);
    await expect(plugin("more")).rejects.toThrow("goes on after the ticket");
  });

  it("DE1: mysql2: gives each login an error of its own, which the driver may change", async () => {
    const client = withWrongPassword();
    const config = { host: "db.test", ssl: { verifyIdentity: true } };
    const logIn = () => mysql2Gssapi({ credential: client })({ connection: { config } })("");
    await expectOwnErrors(logIn, client);
  });
});
