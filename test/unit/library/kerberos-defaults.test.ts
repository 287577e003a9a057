import { describe, expect, it } from "vitest";
import { parseKrb5Conf } from "../../../src/config/index.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { ticketDefaults } from "../../../src/library/index.ts";

const conf = (lifetime: string) => parseKrb5Conf(`[libdefaults]\nticket_lifetime = ${lifetime}\nforwardable = true\n`);
const alice = parsePrincipal("alice@A.TEST");

describe("what a configuration asks of tickets", () => {
  it("is read once for a realm, and anew for another configuration, realm or option", () => {
    const config = conf("1h");
    const first = ticketDefaults({ config }, alice, {});
    expect(first).toMatchObject({ login: { lifetimeSeconds: 3600, forwardable: true } });
    expect(ticketDefaults({ config }, parsePrincipal("bob@A.TEST"), {})).toBe(first);
    expect(ticketDefaults({ config }, parsePrincipal("alice@B.TEST"), {})).not.toBe(first);
    expect(ticketDefaults({ config }, alice, { enctypes: ["aes256-sha1"] })).not.toBe(first);
    expect(ticketDefaults({ config: conf("2h") }, alice, {})).toMatchObject({ login: { lifetimeSeconds: 7200 } });
  });

  it("of logins and of service tickets stands in the way of these alone", () => {
    const with_ = (tag: string) =>
      ticketDefaults(
        { config: parseKrb5Conf(`[libdefaults]\n${tag} = aes128-sha1\npermitted_enctypes = aes256-sha1\n`) },
        alice,
        {},
      );
    const ofServices = with_("default_tgs_enctypes");
    expect(ofServices.login).toHaveProperty("lifetimeSeconds");
    expect(() => ofServices.service).toThrow("default_tgs_enctypes allows none");
    const ofLogins = with_("default_tkt_enctypes");
    expect(ofLogins.service).toHaveProperty("lifetimeSeconds");
    expect(() => ofLogins.login).toThrow("default_tkt_enctypes allows none");
  });

  it("is kept for a bounded number of realms", () => {
    const config = conf("1h");
    const first = ticketDefaults({ config }, alice, {});
    for (let i = 0; i < 64; i++) ticketDefaults({ config }, parsePrincipal(`alice@R${i}.TEST`), {});
    expect(ticketDefaults({ config }, alice, {})).not.toBe(first);
    expect(ticketDefaults({ config }, alice, {})).toEqual(first);
  });
});
