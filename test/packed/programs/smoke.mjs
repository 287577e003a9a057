// Everything that the package publishes, in one process with no network: a realm, a server, a client, by name as a user imports them.

import { createClient, KerberosError, remctl } from "krb5-remctl";
import { createInitiator } from "krb5-remctl/gssapi";
import { createClient as createLeanClient } from "krb5-remctl/lean";
import { createRemctlServer } from "krb5-remctl/server";
import { createTestRealm } from "krb5-remctl/testing";
import { webSocketDial } from "krb5-remctl/websocket";

export async function smoke() {
  const principals = { alice: { password: "secret" }, "host/localhost": {} };
  const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals });
  const handler = async ({ user, args, stdout }) => {
    await stdout.write(`hello ${user} ${args.length}\n`);
    return 7;
  };
  const commands = [{ command: "hello", subcommand: "world", acl: ["ANYUSER"], handler }];
  const server = createRemctlServer({ keytab: realm.keytab("host/localhost"), commands });
  const dial = (host, port, options) => {
    if (host !== "localhost") return realm.dial(host, port, options);
    const [up, down] = [new TransformStream(), new TransformStream()];
    server.accept({ readable: up.readable, writable: down.writable });
    return { readable: down.readable, writable: up.writable };
  };
  const options = { credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" }, kdc: realm.kdc, dial };
  const result = await remctl("localhost", ["hello", "world", "again"], options);
  const client = createClient(options);
  const lean = await createLeanClient(options).remctl("localhost", ["hello", "world"]);
  const initiator = createInitiator({ target: "host@localhost", credential: client });
  const token = await initiator.step();
  const wrong = { ...options, credentials: { ...options.credentials, password: "wrong" } };
  const code = await remctl("localhost", ["hello"], wrong).then(
    () => "no error",
    (error) => (error instanceof KerberosError ? error.code : String(error)),
  );
  await Promise.all([server.close(), realm.close()]);
  return {
    text: result.text(),
    lean: lean.text(),
    status: result.status,
    token: token[0],
    code,
    dial: typeof webSocketDial,
  };
}
