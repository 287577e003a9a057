// No client of any entry locks an account: twenty calls at once with a wrong password, at an MIT KDC that locks after five.

import { expect, it } from "vitest";
import { createClient } from "../../src/entry/index.ts";
import { createClient as createLeanNode } from "../../src/entry/lean/node.ts";
import { createClient as createLean, type KerberosError } from "../../src/entry/lean.ts";
import { detectRuntime } from "../../src/runtime/index.ts";
import { startMitBed } from "../../tools/beds/index.mjs";
import type { CreateClient } from "../portable/clients.ts";
import { describeLive, useBed } from "../support/live.ts";

const entries: readonly (readonly [entry: string, account: string, create: CreateClient])[] = [
  ["krb5-remctl", "strict-main", createClient],
  // On Workers alone it connects by itself.
  ["krb5-remctl/lean", "strict-lean", (options) => createLean({ ...options, runtime: detectRuntime() })],
  ["krb5-remctl/lean/node", "strict-node", createLeanNode],
];

const accounts = entries.flatMap(([, account]) => [account, `${account}-2`]);
const queries = accounts.map((account) => `addprinc -policy strict -pw right +requires_preauth ${account}`);

describeLive("mit", "an MIT KDC that locks an account after five failed proofs", () => {
  const bed = useBed(() => startMitBed({ principals: ["addpol -maxfailure 5 strict", ...queries].join("\n") }));

  it.each(entries)("P11: %s: one failed proof, and the account is not locked", async (_entry, account, create) => {
    const principal = `${account}@${bed().realm}`;
    const service = `host/localhost@${bed().realm}`;
    const kdc = [`tcp://127.0.0.1:${bed().port}`];
    const wrong = create({ credentials: { principal, password: "wrong" }, kdc });
    const codes = Array.from({ length: 20 }, () =>
      wrong.getTicket(service).then(
        () => "a ticket",
        ({ code }: KerberosError) => code,
      ),
    );
    expect(await Promise.all(codes)).toEqual(Array(20).fill("WRONG_PASSWORD"));
    const lines = bed().logs().split("\n");
    expect(lines.filter((line) => line.includes("PREAUTH_FAILED") && line.includes(principal))).toHaveLength(1);
    const right = create({ credentials: { principal, password: "right" }, kdc });
    expect((await right.getTicket(service)).client.components).toEqual([account]);
  });

  it.each(entries)("P11: %s: one failed proof, though some of twenty give up", async (_entry, account, create) => {
    const principal = `${account}-2@${bed().realm}`;
    const service = `host/localhost@${bed().realm}`;
    const kdc = [`tcp://127.0.0.1:${bed().port}`];
    const proofs = () =>
      bed()
        .logs()
        .split("\n")
        .filter((line) => line.includes("PREAUTH_FAILED") && line.includes(principal)).length;
    const options = { credentials: { principal, password: "wrong" }, kdc };
    const broken = async (): Promise<never> => {
      throw new Error("this store is broken");
    };
    const key = new Uint8Array(32).fill(7);
    const clients = [create(options)];
    if (create === createClient) {
      // A store that is broken has no lock to give: nothing is proven.
      const sealed = { store: { get: broken, set: broken, delete: broken }, key };
      await expect(createClient({ ...options, cache: sealed }).getTicket(service)).rejects.toMatchObject({
        code: "CCACHE",
      });
      expect(proofs()).toBe(0);
      // Two clients that share a store are as one.
      const items = new Map<string, Uint8Array>();
      const store = {
        get: async (name: string) => items.get(name),
        set: async (name: string, value: Uint8Array) => void items.set(name, value),
        delete: async (name: string) => void items.delete(name),
        add: async (name: string, value: Uint8Array) => !items.has(name) && items.set(name, value) === items,
      };
      const shared = { store, key };
      clients.splice(0, 1, createClient({ ...options, cache: shared }), createClient({ ...options, cache: shared }));
    }
    const codes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => {
        const controller = new AbortController();
        if (index % 5 === 0) setTimeout(() => controller.abort(), index);
        const one = clients[index % clients.length];
        return one?.getTicket(service, { signal: controller.signal }).then(
          () => "a ticket",
          ({ code }: KerberosError) => code,
        );
      }),
    );
    expect(codes.filter((_, index) => index % 5 !== 0)).toEqual(Array(16).fill("WRONG_PASSWORD"));
    expect(proofs()).toBe(1);
    const right = create({ credentials: { principal, password: "right" }, kdc });
    expect((await right.getTicket(service)).client.components).toEqual([`${account}-2`]);
  });
});
