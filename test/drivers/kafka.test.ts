// `kafkajs` and `@platformatic/kafka`, unchanged, at a small broker of the tests whose SASL end is Cyrus's, or the JDK's as Kafka has it.

import { describe, expect, it } from "vitest";
import { kafkajs, platformaticKafka } from "../../src/entry/drivers.ts";
import { createClient, isKerberosError } from "../../src/entry/index.ts";
import { startJava, startMitBed } from "../../tools/beds/index.mjs";
import { cyrusEnd } from "../support/cyrus-end.ts";
import { driversMissing, requireDriver } from "../support/drivers.ts";
import { jdkEnd } from "../support/jdk-end.ts";
import { describeLive, describeUnless, useBed, wholeTable } from "../support/live.ts";
import { type SaslEnd, startSmallBroker } from "../support/small-broker.ts";

type Options = Parameters<typeof kafkajs>[0];

interface Cluster {
  readonly clusterId: string;
}

/** What stands behind an error, nearest first. */
function causesOf(error: unknown): unknown[] {
  const { cause, errors = [] } = Object(error) as { readonly cause?: unknown; readonly errors?: readonly unknown[] };
  return error === undefined ? [] : [error, ...causesOf(cause), ...errors.flatMap(causesOf)];
}

/** One request is enough. */
const once = () => async () => true;

describeUnless(driversMissing, "with the drivers of tools/drivers", () => {
  describeLive(["mit", "slapd"], "Kafka by Kerberos", () => {
    const names: string[] = [];
    const bed = useBed(() => startMitBed({ services: ["kafka/localhost"] }));
    let makeEnd = (): Promise<SaslEnd> => cyrusEnd({ bed: bed(), service: "kafka" }, names);
    const broker = useBed(() => startSmallBroker(() => makeEnd()));
    const options = (): Options => ({
      credential: createClient({
        credentials: { principal: `alice@${bed().realm}`, password: bed().passwords.alice as string },
        kdc: bed().kdc,
      }),
    });

    async function withKafkajs(more: Partial<Options> = {}, at = broker(), isOver = once()): Promise<Cluster> {
      const { Kafka, logLevel } = requireDriver("kafkajs");
      const kafka = new Kafka({
        brokers: [`localhost:${at.port}`],
        sasl: kafkajs({ ...options(), ...more }),
        retry: { retries: 0 },
        logLevel: logLevel.NOTHING,
        reauthenticationThreshold: 500,
      });
      const admin = kafka.admin();
      try {
        await admin.connect();
        while (!(await isOver())) await admin.describeCluster();
        return await admin.describeCluster();
      } finally {
        await admin.disconnect();
      }
    }

    async function withPlatformatic(more: Partial<Options> = {}, at = broker(), isOver = once()): Promise<Cluster> {
      const { Admin } = await import(requireDriver.resolve("@platformatic/kafka"));
      const admin = new Admin({
        clientId: "tests",
        bootstrapBrokers: [`localhost:${at.port}`],
        sasl: platformaticKafka({ ...options(), ...more }),
        retries: 0,
      });
      try {
        while (!(await isOver())) await admin.metadata({ topics: [], forceUpdate: true });
        const { id } = await admin.metadata({ topics: [], forceUpdate: true });
        return { clusterId: id };
      } finally {
        await admin.close();
      }
    }

    const USES = [
      ["kafkajs", withKafkajs],
      ["@platformatic/kafka", withPlatformatic],
    ] as const;

    describe.each(USES)("%s", (_, use) => {
      it("logs in", async () => {
        names.length = 0;
        expect(await use()).toMatchObject({ clusterId: "small" });
        expect(new Set(names)).toEqual(new Set(["alice"]));
      }, 120_000);

      it("fails with its own error, and says what is wrong with the service", async () => {
        const error = await use({ service: "nosuch" }).catch((reason: unknown) => reason);
        expect(
          causesOf(error)
            .map((one) => (one as Error).message)
            .join("\n"),
        ).toContain("nosuch/localhost");
      });

      it.runIf(wholeTable)(
        "logs in again on the same connection before the broker ends its session (KIP-368)",
        async () => {
          const own: string[] = [];
          const makeOwn = () => cyrusEnd({ bed: bed(), service: "kafka" }, own);
          const brief = await startSmallBroker(makeOwn, { lifetimeMs: 1_500 });
          try {
            const end = Date.now() + 5_000;
            const isOver = async () => {
              await new Promise((resolve) => setTimeout(resolve, 250));
              return Date.now() > end;
            };
            expect(await use({}, brief, isOver)).toMatchObject({ clusterId: "small" });
            expect(brief.failures).toEqual([]);
            expect(own.length).toBeGreaterThanOrEqual(4);
            // The driver has one for the list of brokers and one for the broker.
            expect(brief.connections()).toBeLessThanOrEqual(2);
          } finally {
            await brief.close();
          }
        },
        60_000,
      );

      it.runIf(wholeTable)("is refused as another than it is", async () => {
        const error = await use({ authorizationId: "bob" }).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(Error);
        expect(causesOf(error).some(isKerberosError)).toBe(false);
        expect(String(broker().failures.at(-1))).toContain("Requested identity not authenticated identity");
      });
    });

    describe.runIf(wholeTable)("all of it", () => {
      describeLive("java", "at the JDK's SASL server", () => {
        const java = useBed(() => startJava({ bed: bed() }), 240_000);
        it.each(USES)(
          "%s logs in, and is refused as another",
          async (_, use) => {
            makeEnd = () => jdkEnd(java(), "kafka", names);
            names.length = 0;
            expect(await use()).toMatchObject({ clusterId: "small" });
            expect(new Set(names)).toEqual(new Set([`alice@${bed().realm}`]));
            await expect(use({ authorizationId: "bob" })).rejects.toThrow();
            expect(String(broker().failures.at(-1))).toContain("is not authorized to connect as bob");
          },
          120_000,
        );
      });
    });
  });
});
