// Logins and commands through Debian's websockify: KDC and remctld behind one proxy, told apart by the URL's token.

import { expect, it } from "vitest";
import { createClient, remctl } from "../../src/entry/index.ts";
import { type WebSocketConstructor, webSocketDial } from "../../src/entry/websocket.ts";
import {
  freePort,
  largeOutput,
  PASSWORDS,
  startMitBed,
  startRemctld,
  startWebsockify,
} from "../../tools/beds/index.mjs";
import { undiciWebSocket, WebSocket } from "../../tools/pack/index.mjs";
import { describeLive, useBed } from "../support/live.ts";

/** Reads nothing for a second when the first megabyte has come. */
class SlowWebSocket extends WebSocket {
  #octets = 0;
  #isSlow = false;

  constructor(url: string, protocols?: string | string[]) {
    super(url, protocols);
    this.addEventListener("message", ({ data }) => {
      const before = this.#octets;
      this.#octets += (data as ArrayBuffer).byteLength;
      if (before >= 1_000_000 || this.#octets < 1_000_000) return;
      this.pause();
      this.#isSlow = true;
      setTimeout(() => {
        this.#isSlow = false;
        this.resume();
      }, 1_000);
    });
  }

  override resume(): void {
    if (!this.#isSlow) super.resume();
  }
}

describeLive(["mit", "websockify"], "remctl through websockify", () => {
  const world = useBed(async () => {
    const bed = await startMitBed();
    const remctld = await startRemctld({ bed });
    const kdcPort = Number(new URL(bed.kdc[0] as string).port);
    const nobody = await freePort();
    const tokens = { "kdc:88": kdcPort, "localhost:4373": remctld.port, "nobody:4373": nobody };
    const proxy = await startWebsockify({ tokens });
    const close = async () => void (await Promise.all([proxy, remctld, bed].map((one) => one.close())));
    return { bed, proxy, close };
  });
  const optionsWith = (maker: WebSocketConstructor) => {
    const { bed, proxy } = world();
    return {
      credentials: { principal: `alice@${bed.realm}`, password: PASSWORDS.alice },
      kdc: ["tcp://kdc:88"],
      dial: webSocketDial((host, port) => proxy.urlOf(`${host}:${port}`), { WebSocket: maker }),
    };
  };

  it.each([
    ["ws", WebSocket],
    ["undici", undiciWebSocket],
  ])("login and command, KDC and server by WebSocket (%s)", async (_, maker) => {
    const result = await remctl("localhost", ["test", "test"], optionsWith(maker));
    expect(result).toMatchObject({ status: 0 });
    expect(result.text()).toBe("hello world\n");
  });

  it.each([
    ["ws", WebSocket],
    ["undici", undiciWebSocket],
  ])("a quarter of a megabyte out and one in, several commands in one session (%s)", async (_, maker) => {
    const client = createClient(optionsWith(maker));
    const session = await client.connect("localhost");
    const sent = new Uint8Array(250_000).fill(97);
    expect(Buffer.compare((await session.run(["test", "cat", sent])).stdout, sent)).toBe(0);
    const large = await session.run(["test", "large-output", "1000000"]);
    expect(large.stdout.length).toBe(1_000_000);
    expect((await session.run(["test", "status", "7"])).status).toBe(7);
    await session.close();
    client.close();
  });

  // Debian's websockify drops what it has queued when the server closes: while this client reads nothing, that is nearly all.
  it("fifteen megabytes of a one-shot, to a client that reads slowly", async () => {
    const result = await remctl("localhost", ["test", "large-output", "15000000"], optionsWith(SlowWebSocket));
    expect(largeOutput(15_000_000).equals(result.stdout)).toBe(true);
  });

  it("a server that the proxy cannot reach, and one that it does not know, are clear errors before the command", async () => {
    const refused = await remctl("nobody", ["test", "test"], {
      ...optionsWith(WebSocket),
      service: "host/localhost",
    }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: "CONNECTION_CLOSED", commandState: "not-sent" });
    expect((refused as Error).message).toContain("1011");
    const unknown = await remctl("unknown", ["test", "test"], {
      ...optionsWith(WebSocket),
      service: "host/localhost",
    }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(unknown).toMatchObject({ commandState: "not-sent" });
    expect((unknown as Error).message).toContain("WebSocket");
  });
});
