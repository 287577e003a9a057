// The sites of an Active Directory: whose domain controllers are asked first.

import { describe, expect, it } from "vitest";
import { parseKrb5Conf } from "../../../src/config/index.ts";
import { createLocator, type LocatorOptions } from "../../../src/discovery/index.ts";
import { createClient, createKerberos } from "../../../src/entry/index.ts";
import { detectRuntime } from "../../../src/runtime/index.ts";
import { fakeDns, type Rr, srv, zone } from "../../support/dns-messages.ts";

const near = (host: string): Rr => srv("_kerberos._tcp.Berlin._sites.dc._msdcs.AD.EXAMPLE", 0, 100, 88, host);
const all = (transport: "udp" | "tcp", host: string, priority = 0): Rr =>
  srv(`_kerberos._${transport}.AD.EXAMPLE`, priority, 100, 88, host);

async function locate(records: readonly Rr[], conf = "", options: Partial<LocatorOptions> = {}) {
  const dns = await fakeDns(zone(records));
  const notes: string[] = [];
  const locator = createLocator({
    config: parseKrb5Conf(conf),
    runtime: detectRuntime(),
    dns: dns.address,
    trace: (event) => void (event.type === "note" && notes.push(event.text)),
    random: () => 0,
    ...options,
  });
  return { dns, notes, kdcs: () => locator.kdcs("AD.EXAMPLE") };
}

const DOMAIN = [
  all("tcp", "far.ad.example"),
  all("udp", "far.ad.example"),
  all("tcp", "near.ad.example", 1),
  all("udp", "near.ad.example", 1),
  near("near.ad.example"),
  near("branch.ad.example"),
];

describe("the site of this host", () => {
  it("its domain controllers come first, with the transports that the domain's records give; the others stay", async () => {
    const { kdcs, dns } = await locate(DOMAIN, "", { site: "Berlin" });
    // One that the records of the domain do not name has TCP, as the site's say.
    expect(await kdcs()).toEqual(["near.ad.example:88", "tcp://branch.ad.example:88", "far.ad.example:88"]);
    expect(dns.asked.map(({ name }) => name.toLowerCase())).toContain(
      "_kerberos._tcp.berlin._sites.dc._msdcs.ad.example",
    );
  });

  it("by krb5.conf, for all realms or for one; the option goes before it", async () => {
    const first = async (conf: string, options = {}) => (await (await locate(DOMAIN, conf, options)).kdcs())[0];
    expect(await first("")).toBe("far.ad.example:88");
    expect(await first("[libdefaults]\n dns_site = Berlin\n")).toBe("near.ad.example:88");
    expect(await first("[libdefaults]\n dns_site = Bonn\n AD.EXAMPLE = {\n dns_site = Berlin\n }\n")).toBe(
      "near.ad.example:88",
    );
    expect(await first("[libdefaults]\n dns_site = Bonn\n")).toBe("far.ad.example:88");
    expect(await first("[libdefaults]\n dns_site = Bonn\n", { site: "Berlin" })).toBe("near.ad.example:88");
  });

  it("a site that DNS does not know: all are asked, and the trace says so", async () => {
    const { kdcs, notes } = await locate(DOMAIN, "", { site: "Bonn" });
    expect(await kdcs()).toEqual(["far.ad.example:88", "near.ad.example:88"]);
    expect(notes).toEqual(["DNS names no domain controller of the site Bonn in AD.EXAMPLE: all are asked"]);
  });

  it("nothing is asked of a site where KDCs are configured, or DNS is not to be asked", async () => {
    for (const conf of ["[realms]\n AD.EXAMPLE = {\n kdc = a\n }\n", "[libdefaults]\n dns_lookup_kdc = false\n"]) {
      const { kdcs, dns } = await locate(DOMAIN, conf, { site: "Berlin" });
      await kdcs();
      expect(dns.asked).toEqual([]);
    }
  });

  const bad = [
    "",
    ".",
    "a.b",
    "-a",
    "a-",
    "a b",
    "a".repeat(64),
    "ä",
    "a\0",
    "_sites.evil.example.",
    5,
    null,
    ["Berlin"],
    {},
  ];
  it.each(bad.map((value) => [value]))(
    "%j is not a site's name, and is refused before anything is sent",
    async (site) => {
      const options = { site: site as string };
      const credentials = { principal: "alice@AD.EXAMPLE", password: "x" };
      for (const make of [
        () => createClient({ credentials, ...options }),
        () => createKerberos(options),
        () => createLocator({ runtime: detectRuntime(), ...options }),
      ]) {
        expect(make).toThrow(expect.objectContaining({ name: "TypeError", message: expect.stringContaining("site") }));
      }
      if (typeof site !== "string" || site.trim() !== site || /[\0]/.test(site) || site === "") return;
      const { kdcs } = await locate(DOMAIN, `[libdefaults]\n dns_site = ${site}\n`);
      await expect(kdcs()).rejects.toMatchObject({ code: "CONFIG", message: expect.stringContaining("dns_site") });
    },
  );
});
