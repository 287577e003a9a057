import { getUint32 } from "../../bytes/index.ts";
import { cureOf } from "../../host/index.ts";
import { KDC_OPTION } from "../../iana/index.ts";
import {
  applicationTag,
  decodeKrbError,
  encodeAsReq,
  type KrbError,
  type Principal,
  tgsPrincipal,
  toPrincipalName,
} from "../../krb5/index.ts";
import { createKdcTransport, parseEndpoint } from "../../transport/index.ts";
import { addressesOf } from "./host-name.ts";
import { type Obstacle, obstacleAdvice, obstacleOf, obstacleWords, tryConnection } from "./network.ts";
import { KRB5_CONF, type World } from "./world.ts";

/** What a KDC said to a request that proves nothing: no login was tried, so none has failed. */
export interface Answer {
  readonly endpoint: string;
  /** Absent: a ticket came without any proof. */
  readonly error?: KrbError | undefined;
}

/** What stands in the way of one KDC. */
interface Failure {
  readonly check: "KDC name" | "KDC port";
  readonly detail: string;
  readonly advice: string;
}

/**
 * Looks up the KDCs' names and asks each KDC at each of its ports. What fails comes at the end: a warning if another
 * way in is open, since one is enough.
 */
export async function askKdcs(
  world: World,
  client: Principal,
  endpoints: readonly string[],
): Promise<readonly Answer[]> {
  const { report } = world;
  const answers: Answer[] = [];
  const { unknown, failures } = await lookUpNames(world, endpoints);
  const known = endpoints.filter((text) => !unknown.has(parseEndpoint(text).host));
  const both = known.flatMap((text) => (/^[a-z]+:\/\//.test(text) ? [text] : [`udp://${text}`, `tcp://${text}`]));
  for (const endpoint of both) {
    await report.progress(`KDC port ${endpoint}`);
    const started = performance.now();
    try {
      const reply = await ask(world, client, endpoint);
      const error = applicationTag(reply) === 30 ? decodeKrbError(reply) : undefined;
      answers.push({ endpoint, error });
      await report.ok("KDC port", `${endpoint} answers in ${Math.round(performance.now() - started)} ms`);
    } catch (error) {
      const obstacle = await obstacleAt(world, endpoint, error);
      failures.push({
        check: "KDC port",
        detail: `${endpoint}: ${obstacleWords(obstacle, error)}`,
        advice: cureOf(error) ?? obstacleAdvice(obstacle, programAt(endpoint), KRB5_CONF),
      });
    }
  }
  for (const { check, detail, advice } of failures) {
    if (answers.length > 0) await report.warn(check, detail, advice);
    else await report.fail(check, detail, advice);
  }
  return answers;
}

/** The hosts that have no address, and what to say of them. */
async function lookUpNames(
  { report, locator }: World,
  endpoints: readonly string[],
): Promise<{ readonly unknown: ReadonlySet<string>; readonly failures: Failure[] }> {
  const unknown = new Set<string>();
  const failures: Failure[] = [];
  for (const host of new Set(endpoints.map((text) => parseEndpoint(text).host))) {
    if (/^[\d.]+$|:/.test(host)) continue;
    await report.progress("KDC name");
    const found = await addressesOf(locator.runtime, host);
    if (found instanceof Error) {
      unknown.add(host);
      failures.push({
        check: "KDC name",
        detail: `${host} has no address: ${found.message}`,
        advice: obstacleAdvice("name", "krb5kdc", KRB5_CONF),
      });
    } else {
      await report.ok("KDC name", `${host} is ${found.join(", ")}`);
    }
  }
  return { unknown, failures };
}

/** What stands in the way; where nothing came over TCP, whether it is the way or who listens there. */
async function obstacleAt(
  { locator: { runtime }, timeoutMs }: World,
  endpoint: string,
  error: unknown,
): Promise<Obstacle> {
  const obstacle = obstacleOf(error);
  if (obstacle !== "silent" || endpoint.startsWith("udp:") || runtime.connectTcp === undefined) return obstacle;
  const { host: name, port } = parseEndpoint(endpoint);
  try {
    await tryConnection(runtime, { host: name, port, timeoutMs });
    return "mute";
  } catch {
    return obstacle;
  }
}

/** What should listen at an endpoint. */
function programAt(endpoint: string): string {
  return endpoint.startsWith("https:") ? "a KDC proxy" : "krb5kdc";
}

async function ask(
  { host, encTypes, timeoutMs, trace, locator, wishes }: World,
  client: Principal,
  endpoint: string,
): Promise<Uint8Array> {
  const service = tgsPrincipal(client.realm);
  const octets = encTypes.provider.randomBytes(4);
  const request = encodeAsReq({
    pvno: 5,
    msgType: 10,
    padata: [],
    reqBody: {
      kdcOptions: KDC_OPTION.forwardable | (wishes.isCanonical ? KDC_OPTION.canonicalize : 0),
      cname: toPrincipalName(client),
      realm: client.realm,
      sname: toPrincipalName(service),
      till: new Date((Math.floor(host.now() / 1000) + 3600) * 1000),
      nonce: getUint32(octets, 0) & 0x7fffffff,
      etype: [...wishes.etypes],
    },
  });
  const transport = createKdcTransport({
    runtime: locator.runtime,
    kdcs: () => [endpoint],
    timeoutMs,
    trace,
    // A proxy is trusted as the realm's http_anchors say.
    fetchOf: (realm) => locator.fetchOf(realm),
  });
  return await transport.exchange(client.realm, request);
}
