import { expect, it } from "vitest";
import { decodeCcacheFile, ticketOfCredential } from "../../../src/entry/credentials.ts";
import { createEncTypeSet } from "../../../src/entry/gssapi.ts";
import { createNegotiator } from "../../../src/entry/http.ts";
import { SITE, world } from "./world.ts";

it("H9: an anonymous client (RFC 8062) is refused, with or without a realm to its name, unless asked for", async () => {
  const { realm, server } = await world();
  await realm.addPrincipal("WELLKNOWN/ANONYMOUS", { password: "nobody" });
  const octets = realm.ccache("WELLKNOWN/ANONYMOUS", { services: ["HTTP/www.test.example"] });
  const ticket = ticketOfCredential(decodeCcacheFile(octets).credentials[1] as never, await createEncTypeSet());
  const negotiator = createNegotiator({ credential: { getTicket: async () => ticket }, origins: [SITE] });
  const ask = async (allowAnonymous: boolean) => {
    const { authorization } = await negotiator.begin(SITE);
    return await server({ allowAnonymous }).authenticate({ headers: { authorization } });
  };
  expect(await ask(false)).toMatchObject({ isAuthenticated: false, status: 403, code: "ANONYMOUS" });
  expect(await ask(true)).toMatchObject({ isAuthenticated: true, principal: "WELLKNOWN/ANONYMOUS@TEST.EXAMPLE" });
});
