// Runs as a process of its own, bundled: a function that starts, and needs a ticket, with its tickets in Redis.
// Arguments: port of Redis, KDC, principal, password or `keytab:` and its file, key of the store in hexadecimal.

import { decodeHex } from "../../src/bytes/index.ts";
import { redisStore } from "../../src/credentials/index.ts";
import { createClient, KerberosError, keytab, type TraceEvent } from "../../src/entry/index.ts";
import { parsePrincipal } from "../../src/krb5/index.ts";
import { connectRedis } from "./resp-client.ts";

const [port = "", kdc = "", principal = "", password = "", key = ""] = process.argv.slice(2);
const { realm } = parsePrincipal(principal);
const redis = await connectRedis(Number(port));
// What a KDC counts as a login: a proof of the password.
let logins = 0;
const client = createClient({
  credentials: password.startsWith("keytab:")
    ? keytab(principal, password.slice("keytab:".length))
    : { principal, password },
  kdc: [kdc],
  cache: { store: redisStore(redis), key: decodeHex(key) },
  onTrace: (event: TraceEvent) => void (event.type === "preauth-chosen" && logins++),
});
try {
  const ticket = await client.getTicket(`krbtgt/${realm}@${realm}`);
  console.log(JSON.stringify({ logins, tickets: ticket.endTime > new Date() ? 1 : 0 }));
} catch (error) {
  const { code } = error instanceof KerberosError ? error : { code: "none" };
  console.log(JSON.stringify({ logins, code, message: String(error) }));
}
redis.close();
