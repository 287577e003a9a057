// Runs as a process of its own, bundled: a function that starts, and needs a ticket from a cache in Redis.
// Arguments: port of Redis, KDC, principal, password, key of the store in hexadecimal.

import { decodeHex } from "../../src/bytes/index.ts";
import { createStoreCache, credentialOfTicket, findCredential, redisStore } from "../../src/credentials/index.ts";
import { createClient } from "../../src/index.ts";
import { parsePrincipal, tgsPrincipal } from "../../src/krb5/index.ts";
import { randomBytes } from "./credentials.ts";
import { connectRedis } from "./resp-client.ts";

const [port = "", kdc = "", name = "", password = "", key = ""] = process.argv.slice(2);
const redis = await connectRedis(Number(port));
const principal = parsePrincipal(name);
const server = tgsPrincipal(principal.realm);
const cache = createStoreCache({ store: redisStore(redis), key: decodeHex(key), principal, randomBytes });
let logins = 0;
try {
  const contents = await cache.acquire({
    isFresh: (there) => findCredential(there, { server, at: new Date() }) !== undefined,
    secretId: await cache.secretIdOf(new TextEncoder().encode(password)),
    obtain: async () => {
      logins++;
      const client = createClient({ credentials: { principal: name, password }, kdc: [kdc] });
      const ticket = await client.getTicket(`krbtgt/${principal.realm}@${principal.realm}`);
      return {
        principal: ticket.client,
        credentials: [credentialOfTicket(ticket)],
        clockOffsetMs: ticket.clockOffsetMs,
      };
    },
  });
  console.log(JSON.stringify({ logins, tickets: contents.credentials.length }));
} catch (error) {
  console.log(JSON.stringify({ logins, code: (error as { code?: string }).code, message: String(error) }));
}
redis.close();
