// Deno's adapter with its permissions played: what it asks, and what it leaves alone. The real ones are in test/runtimes.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { denoRuntime } from "../../../src/runtime/index.ts";

interface Descriptor {
  readonly name: string;
  readonly host?: string;
  readonly path?: string;
  readonly variable?: string;
}

/** A Deno that would prompt for everything but what is in the list. */
function stubDeno(...granted: readonly string[]): void {
  vi.stubGlobal("Deno", {
    permissions: {
      querySync({ name, host, path, variable }: Descriptor) {
        const what = [name, host ?? path ?? variable].filter((part) => part !== undefined).join("=");
        return { state: granted.includes(what) || granted.includes(name) ? "granted" : "prompt" };
      },
    },
  });
}

afterEach(() => vi.unstubAllGlobals());

const denied = (flag: string) => ({ code: "UNSUPPORTED_BY_RUNTIME", message: expect.stringContaining(flag) });

describe("denoRuntime", () => {
  it("RT1: what would prompt is denied, before anything is tried, and its flag is named", async () => {
    stubDeno();
    const { connectTcp, listenTcp, listenUdp, connectUnix, fetch } = denoRuntime();
    await expect(connectTcp?.("127.0.0.1", 9, {})).rejects.toMatchObject(denied("--allow-net=127.0.0.1:9"));
    const place = { host: "127.0.0.1", port: 0 };
    await expect(listenTcp?.(place, () => {})).rejects.toMatchObject(denied("--allow-net=127.0.0.1:0"));
    await expect(listenUdp?.(place, () => {})).rejects.toMatchObject(denied("--allow-net=127.0.0.1:0"));
    await expect(connectUnix?.("/nowhere")).rejects.toMatchObject(denied("--allow-net=unix:/nowhere"));
    const init = { method: "POST", headers: {}, body: new Uint8Array(0) };
    await expect(fetch?.("https://127.0.0.1:9/", init)).rejects.toMatchObject(denied("--allow-net=127.0.0.1:9"));
  });

  it("what is granted is done", async () => {
    stubDeno("net");
    await expect(denoRuntime().connectTcp?.("127.0.0.1", 1, {})).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("RT2: without permission to bind there is no UDP, whose module would end the program", () => {
    stubDeno("net=kdc.test:88");
    expect(denoRuntime().connectUdp).toBeUndefined();
    stubDeno("net=0.0.0.0:0");
    expect(denoRuntime().connectUdp).toBeTypeOf("function");
  });

  it("RT2: UDP needs the name, the address and the family's any-address", async () => {
    const connect = (host: string, ...granted: readonly string[]) => {
      stubDeno("net=0.0.0.0:0", ...granted);
      return denoRuntime().connectUdp?.(host, 88, {});
    };
    await expect(connect("localhost")).rejects.toMatchObject(denied("--allow-net=localhost:88"));
    await expect(connect("localhost", "net=localhost:88")).rejects.toMatchObject(denied("--allow-net=localhost"));
    await expect(connect("localhost", "net=localhost:88", "net=localhost")).rejects.toMatchObject(
      denied("0.0.0.0:0,127"),
    );
    await expect(connect("::1", "net=[::1]:88")).rejects.toMatchObject(denied("--allow-net=[::]:0,[::1]:88"));
    const socket = await connect("127.0.0.1", "net=127.0.0.1:88");
    socket?.close();
  });

  it("RT7: a file that may not be read is not there, one that may not be written says so", async () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-deno-"));
    try {
      const file = path.join(directory, "file");
      fs.writeFileSync(file, "text");
      stubDeno();
      const files = denoRuntime().files?.();
      expect([await files?.read(file), await files?.stat(file), await files?.list(directory)]).toEqual(
        Array(3).fill(undefined),
      );
      expect(files?.uid).toBeUndefined();
      stubDeno(`read=${file}`);
      expect(new TextDecoder().decode(await files?.read(file))).toBe("text");
      await expect(files?.append(file, new Uint8Array(1))).rejects.toMatchObject(denied(`--allow-write=${file}`));
      expect(fs.readFileSync(file, "utf8")).toBe("text");
    } finally {
      fs.rmSync(directory, { recursive: true, force: true });
    }
  });

  it("RT7: a variable that may not be read is not set", () => {
    vi.stubEnv("KRB5_REMCTL_TEST", "set");
    try {
      stubDeno();
      const hidden = denoRuntime().environment?.();
      expect([hidden?.env.KRB5_REMCTL_TEST, Object.keys(hidden?.env ?? {}), hidden?.uid]).toEqual([
        undefined,
        [],
        undefined,
      ]);
      stubDeno("env=KRB5_REMCTL_TEST");
      expect(denoRuntime().environment?.().env.KRB5_REMCTL_TEST).toBe("set");
      stubDeno("env");
      expect(Object.keys(denoRuntime().environment?.().env ?? {})).toContain("KRB5_REMCTL_TEST");
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
