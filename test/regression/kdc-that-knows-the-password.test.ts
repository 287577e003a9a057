import { expect, it } from "vitest";
import { createClient } from "../../src/entry/index.ts";
import { createRemctlServer } from "../../src/entry/server.ts";
import { createTestRealm } from "../../src/entry/testing.ts";

// "Zanarotti": a false KDC that knows the password which is typed gives tickets that open. It does not know the key of the
// server, so the server's proof, which is always asked for, does not come.
it("a false KDC with the right password gets nowhere: the server does not prove itself", async () => {
  const principals = { alice: { password: "secret" }, "host/localhost": {} };
  await using realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals });
  await using falseRealm = await createTestRealm({ realm: "TEST.EXAMPLE", principals });
  await falseRealm.listen();
  let wasCalled = false;
  const handler = async (): Promise<number> => {
    wasCalled = true;
    return 0;
  };
  const server = createRemctlServer({
    keytab: realm.keytab("host/localhost"),
    commands: [{ command: "x", subcommand: "y", acl: ["ANYUSER"], handler }],
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  const credentials = { principal: "alice@TEST.EXAMPLE", password: "secret" };
  const client = createClient({ credentials, kdc: falseRealm.kdc, port: server.port });
  await expect(client.remctl("localhost", ["x", "y"])).rejects.toMatchObject({
    code: "SERVER_KEY_CHANGED",
    commandState: "not-sent",
  });
  expect(wasCalled).toBe(false);
  client.close();
  await server.close();
});
