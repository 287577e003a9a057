// The embedded realm on a port, and the programs of MIT or Heimdal that know it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import { createTestRealm, type TestRealm, type TestRealmOptions } from "../../src/entry/testing.ts";
import { makePluginFolder, runProgram } from "../../tools/beds/index.mjs";
import { type PeerName, peers } from "./live.ts";

/** MIT's client plug-ins for pre-authentication. */
const PLUGINS = ["spake", "pkinit", "otp"];

export interface Ran {
  readonly status: number;
  readonly text: string;
}

/** Whose programs. */
type Programs = "mit" | "mit-later" | "heimdal";

/** The programs of one peer, with a cache of their own, told of a realm. */
export class Desk {
  readonly realm: TestRealm;
  readonly folder: string;
  readonly #peer: PeerName;
  readonly #configuration: string;
  #cache = 0;

  constructor(realm: TestRealm, peer: Programs, transport?: "udp" | "tcp", libdefaults: string[] = []) {
    this.realm = realm;
    this.#peer = peer;
    this.folder = mkdtempSync(path.join(tmpdir(), "krb5-realm-"));
    const trees = peer === "mit-later" ? [peers[peer]] : [peers.mit, peers["mit-logins"]];
    const plugins =
      peer !== "heimdal" && trees.every(({ available }) => available)
        ? [`plugin_base_dir = ${makePluginFolder(trees, path.join(this.folder, "plugins"), PLUGINS)}`]
        : [];
    const options = {
      for: peer === "heimdal" ? peer : "mit",
      libdefaults: [...plugins, ...libdefaults],
      ...(transport === undefined ? {} : { transport }),
    } as const;
    this.#configuration = this.file("krb5.conf", realm.krb5Conf(options));
  }

  file(name: string, contents: string | Uint8Array): string {
    const file = path.join(this.folder, name);
    writeFileSync(file, contents, { mode: 0o600 });
    return file;
  }

  newCache(): this {
    this.#cache++;
    return this;
  }

  cacheFile(): string {
    return path.join(this.folder, `cache-${this.#cache}`);
  }

  async run(program: string, args: string[], input = "", more: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const { bin } = peers[this.#peer];
    const { env } = this.#peer === "mit" && peers["mit-logins"].available ? peers["mit-logins"] : peers[this.#peer];
    const { status, text } = await runProgram(bin(program), args, {
      env: { ...env, KRB5_CONFIG: this.#configuration, KRB5CCNAME: `FILE:${this.cacheFile()}`, ...more },
      cwd: this.folder,
      input,
    });
    return { status, text };
  }

  async must(program: string, args: string[], input = ""): Promise<string> {
    const { status, text } = await this.run(program, args, input);
    expect(`${program} ${status}: ${text}`).toMatch(new RegExp(`^${program} 0: `));
    return text;
  }

  /** Heimdal reads a password from a file. */
  kinit(password: string, args: string[], client: string, more: Readonly<Record<string, string>> = {}): Promise<Ran> {
    if (this.#peer !== "heimdal") return this.run("kinit", [...args, client], `${password}\n`, more);
    return this.run("kinit", [`--password-file=${this.file("password", password)}`, ...args, client]);
  }

  async close(): Promise<void> {
    await this.realm.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A realm with a few principals, and its desk. */
export async function openDesk(
  peer: "mit" | "heimdal",
  options: Partial<TestRealmOptions> = {},
  transport?: "udp" | "tcp",
  libdefaults: string[] = [],
): Promise<Desk> {
  const realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    ...options,
    principals: {
      alice: { password: "secret" },
      robot: {},
      "host/localhost": {},
      ...options.principals,
    },
  });
  await realm.listen();
  return new Desk(realm, peer, transport, libdefaults);
}

/** Runs a test with a desk, and closes it. */
export async function using(desk: Promise<Desk>, body: (desk: Desk) => Promise<void>): Promise<void> {
  const opened = await desk;
  try {
    await body(opened);
  } finally {
    await opened.close();
  }
}
