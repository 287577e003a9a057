// Whether what answered is one of a realm's primary KDCs.

import { describe, expect, it } from "vitest";
import type { Runtime } from "../../../src/host/index.ts";
import { createKdcTransport } from "../../../src/transport/index.ts";

const names: Readonly<Record<string, readonly string[]>> = {
  "kdc.example.org": ["192.0.2.1", "192.0.2.2"],
  "primary.example.org": ["192.0.2.2"],
  "other.example.org": ["192.0.2.9"],
  "192.0.2.1": ["192.0.2.1"],
  "192.0.2.2": ["192.0.2.2"],
};
const lookUp = async (host: string): Promise<readonly string[]> => {
  const addresses = names[host];
  if (addresses === undefined) throw new Error("not known");
  return addresses;
};

const hasOther = (answered: string, primaries: readonly string[], runtime: Runtime = { name: "node", lookUp }) =>
  createKdcTransport({ runtime, kdcs: () => [], primaryKdcs: () => primaries }).hasOtherPrimary?.("R", answered);

describe("the primary KDC is another than the one that answered", () => {
  it.each([
    ["where its name leads elsewhere", "tcp://kdc.example.org:88", ["other.example.org"]],
    ["at another port", "tcp://kdc.example.org:88", ["kdc.example.org:89"]],
    ["where it is a proxy's at this name", "tcp://kdc.example.org:443", ["https://kdc.example.org/KdcProxy"]],
    ["where this is a proxy", "https://kdc.example.org/KdcProxy", ["tcp://kdc.example.org:443"]],
    ["where its name is not known", "tcp://kdc.example.org:88", ["unknown.example.org"]],
    ["where the name of what answered is not known", "tcp://unknown.example.org:88", ["primary.example.org"]],
  ])("%s", async (_, answered, primaries) => {
    expect(await hasOther(answered, primaries)).toBe(true);
  });

  it.each([
    ["by its name", "tcp://kdc.example.org:88", ["kdc.example.org"]],
    ["by its name in another case", "udp://KDC.example.org:88", ["kdc.EXAMPLE.org"]],
    ["by its name, though that is not known", "udp://unknown:88", ["other.example.org", "unknown"]],
    ["by an address that both names lead to", "tcp://kdc.example.org:88", ["primary.example.org"]],
    ["by its address", "tcp://192.0.2.2:88", ["other.example.org", "primary.example.org"]],
    ["by its address, though another's name is not known", "tcp://192.0.2.2:88", ["unknown", "primary.example.org"]],
    ["by the proxy's name", "https://kdc.example.org/KdcProxy", ["https://kdc.example.org/other"]],
  ])("it is not: %s", async (_, answered, primaries) => {
    expect(await hasOther(answered, primaries)).toBe(false);
  });

  it("and it is not where a realm names none", async () => {
    expect(await hasOther("tcp://kdc.example.org:88", [])).toBe(false);
  });

  it("by the names alone where the host looks none up", async () => {
    const runtime = { name: "web" } as const;
    expect(await hasOther("tcp://kdc.example.org:88", ["primary.example.org"], runtime)).toBe(true);
    expect(await hasOther("tcp://kdc.example.org:88", ["kdc.example.org"], runtime)).toBe(false);
  });

  it("no name is looked up where the names say enough", async () => {
    const asked: string[] = [];
    const counting: Runtime = {
      name: "node",
      lookUp: async (host) => {
        asked.push(host);
        return [host];
      },
    };
    await hasOther("tcp://kdc:88", ["KDC"], counting);
    await hasOther("tcp://kdc:88", ["other:89"], counting);
    await hasOther("tcp://kdc:88", [], counting);
    expect(asked).toEqual([]);
  });
});
