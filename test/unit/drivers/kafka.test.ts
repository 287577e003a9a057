// Brokers that are not what a Kafka broker with SASL GSSAPI is, and the frames that two drivers give and take.

import { beforeAll, describe, expect, it } from "vitest";
import { authenticateKafka, withLength, withoutLength } from "../../../src/drivers/index.ts";
import { kafkajs, platformaticKafka } from "../../../src/entry/drivers.ts";
import { createClient, type RemctlClient } from "../../../src/entry/index.ts";
import { createSaslServer, type SaslServer } from "../../../src/entry/sasl.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import type { SaslClient } from "../../../src/sasl/index.ts";

const BROKER = "b1.test";
let realm: TestRealm;

beforeAll(async () => {
  const principals = { alice: { password: "secret" }, [`kafka/${BROKER}`]: {}, "broker/other.test": {} };
  realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals });
});

const client = (password = "secret"): RemctlClient =>
  createClient({
    credentials: { principal: "alice@TEST.EXAMPLE", password },
    kdc: realm.kdc,
    dial: realm.dial,
    config: false,
  });

const server = (name = `kafka/${BROKER}`): SaslServer =>
  createSaslServer({ keytab: realm.keytab(name), layers: ["none"] });

describe("the length before octets", () => {
  it.each([
    ["no octets", "", ""],
    ["a length that is cut", "000000", ""],
    ["a length of none", "00000000", ""],
    ["octets", "00000003010203", "010203"],
    ["octets behind them", "00000001010203", "01"],
    ["a null (-1)", "ffffffff0102", ""],
    ["any other negative length", "800000000102", ""],
    ["the longest length", "7fffffff0102", "0102"],
  ])("of %s", (_, octets, wanted) => {
    expect(Buffer.from(withoutLength(Buffer.from(octets, "hex"))).toString("hex")).toBe(wanted);
  });

  it("is four octets, of an empty answer too", () => {
    expect([...withLength(Uint8Array.of(1, 2))]).toEqual([0, 0, 0, 2, 1, 2]);
    expect([...withLength(new Uint8Array(0))]).toEqual([0, 0, 0, 0]);
  });
});

/** An exchange of so many steps, which counts what is done with it. */
function exchange(steps: number) {
  const done: string[] = [];
  const sasl = {
    get isComplete() {
      return done.filter((one) => one.startsWith("step")).length >= steps;
    },
    async step(challenge?: Uint8Array) {
      done.push(`step ${challenge === undefined ? "" : [...challenge]}`);
      return Uint8Array.of(done.length);
    },
    async finish(data?: Uint8Array) {
      done.push(`finish ${[...(data ?? [])]}`);
    },
    dispose: () => void done.push("dispose"),
  } as unknown as SaslClient;
  return { done, sasl };
}

describe("the exchange", () => {
  it("has an answer to each message, the last one too, which is not stepped with", async () => {
    const { done, sasl } = exchange(3);
    const sent: number[][] = [];
    await authenticateKafka(sasl, async (octets) => {
      sent.push([...octets]);
      return Uint8Array.of(90 + sent.length);
    });
    expect(done).toEqual(["step ", "step 91", "step 92", "finish 93", "dispose"]);
    expect(sent).toEqual([[1], [2], [3]]);
  });

  it("forgets its keys where the broker goes away", async () => {
    const { done, sasl } = exchange(3);
    await expect(authenticateKafka(sasl, () => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
    expect(done).toEqual(["step ", "dispose"]);
  });
});

type Answer = (octets: Uint8Array) => Promise<Uint8Array | undefined>;

/** As kafkajs carries the messages: each with its length before it. */
async function withKafkajs(answer: Answer, credential = client(), more = {}): Promise<void> {
  const { mechanism, authenticationProvider } = kafkajs({ credential, ...more });
  expect(mechanism).toBe("GSSAPI");
  const provider = authenticationProvider({
    host: BROKER,
    async saslAuthenticate({ request, response }) {
      const frame = request.encode();
      const given = await answer(withoutLength(frame));
      return given && response.parse(response.decode(withLength(given)));
    },
  });
  await provider.authenticate();
}

/** As `@platformatic/kafka` does: bare octets, and callbacks. */
function withPlatformatic(answer: Answer, credential = client(), more = {}, host = BROKER) {
  const sasl = platformaticKafka({ credential, ...more });
  expect(sasl.mechanism).toBe("GSSAPI");
  return new Promise<unknown>((resolve, reject) => {
    const send = (connection: { host?: string }, octets: Uint8Array, callback: (e: Error | null, a: never) => void) => {
      expect(connection.host).toBe(host);
      answer(octets).then(
        (authBytes) => callback(null, { authBytes } as never),
        (error: Error) => callback(error, undefined as never),
      );
    };
    sasl.authenticate("GSSAPI", { host }, send as never, "u", "p", "t", (error, last) =>
      error ? reject(error) : resolve(last),
    );
  });
}

describe.each([
  ["kafkajs", withKafkajs],
  ["@platformatic/kafka", withPlatformatic],
] as const)("%s", (_, logIn) => {
  const answerOf =
    (sasl: SaslServer): Answer =>
    async (octets) =>
      (await sasl.step(octets)) ?? new Uint8Array(0);

  it("logs in with a ticket for the broker", async () => {
    const sasl = server();
    await logIn(answerOf(sasl));
    expect([sasl.isComplete, sasl.client?.components]).toEqual([true, ["alice"]]);
  });

  it("takes another service and host by its options", async () => {
    const sasl = server("broker/other.test");
    await logIn(answerOf(sasl), client(), { service: "broker", host: "other.test" });
    expect(sasl.isComplete).toBe(true);
  });

  it("acts as another where that is asked for, and the broker says who that is", async () => {
    const sasl = server();
    await expect(logIn(answerOf(sasl), client(), { authorizationId: "bob" })).rejects.toThrow();
    expect(sasl.isComplete).toBe(false);
  });

  it("does not believe a broker that is content with less than the exchange", async () => {
    await expect(logIn(async () => new Uint8Array(0))).rejects.toThrow();
    const sasl = server();
    let messages = 0;
    const early: Answer = async (octets) => (++messages === 1 ? await sasl.step(octets) : Uint8Array.of(1, 2, 3));
    await expect(logIn(early)).rejects.toThrow();
  });

  it("passes on what its driver says of the connection", async () => {
    await expect(logIn(() => Promise.reject(new Error("disconnected")))).rejects.toThrow("disconnected");
  });

  it("DE1: gives an error of its own, with our code and ours as the cause", async () => {
    const credential = client("wrong");
    const fail = () =>
      logIn(async () => new Uint8Array(0), credential).then(
        () => undefined,
        (error: Error) => error,
      );
    const [first, second] = await Promise.all([fail(), fail()]);
    expect(first).toMatchObject({ code: "WRONG_PASSWORD", cause: { name: "PreauthError" } });
    expect(first).not.toBe(second);
  });

  it("is a mistake without a credential, and with what it does not know", () => {
    const make = logIn === withKafkajs ? kafkajs : platformaticKafka;
    for (const options of [{}, { credential: 5 }, { credential: client(), hosts: "x" }]) {
      expect(() => make(options as never)).toThrow(TypeError);
    }
  });
});

it("kafkajs: a broker's answer that the driver leaves out is an empty one", async () => {
  const sasl = server();
  await withKafkajs(async (octets) => await sasl.step(octets));
  expect(sasl.isComplete).toBe(true);
});

it("@platformatic/kafka: the callback has the last answer", async () => {
  const sasl = server();
  const answer: Answer = async (octets) => (await sasl.step(octets)) ?? Uint8Array.of();
  expect(await withPlatformatic(answer)).toEqual({ authBytes: Uint8Array.of() });
});

it("@platformatic/kafka: a connection without a host fails its login, and throws nothing into the driver", async () => {
  let end = (_: Error | null): void => {};
  const ended = new Promise<Error | null>((resolve) => {
    end = resolve;
  });
  const send = () => expect.unreachable();
  platformaticKafka({ credential: client() }).authenticate("GSSAPI", {}, send as never, "", "", "", end);
  expect((await ended)?.message).toContain("host");
});
