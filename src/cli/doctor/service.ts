import { readKeytabFile } from "../../credentials/index.ts";
import { cureOf } from "../../host/index.ts";
import { enctypeName } from "../../iana/index.ts";
import {
  decodeTicket,
  formatPrincipal,
  type Principal,
  parsePrincipal,
  type ServiceTicket,
  servicePrincipal,
} from "../../krb5/index.ts";
import { createClient } from "../../remctl-client/on-host.ts";
import { keytabName } from "../local.ts";
import { messageOf } from "../program.ts";
import { serviceWords } from "./directory.ts";
import { addressesOf } from "./host-name.ts";
import type { LoggedIn } from "./login.ts";
import { obstacleAdvice, obstacleOf, obstacleWords, tryConnection } from "./network.ts";
import { sessionWords } from "./session-words.ts";
import type { World } from "./world.ts";

const REMCTL_PORT = 4373;

/** The server's side: its name, the ticket for it, its port, its key, and a remctl session without any command. */
export async function checkService(world: World, server: string, login: LoggedIn | undefined): Promise<void> {
  const { report, args } = world;
  const port = Number(args.get("p") ?? REMCTL_PORT);
  // Some hosts take it for their own address.
  if (server === "") return await report.fail("host name", "the name is empty", "name the remctl server's host");
  const isNamed = await checkName(world, server);
  const ticket = login === undefined ? undefined : await checkTicket(world, server, login);
  if (login === undefined) await report.skip("service key", "not asked for: there is no ticket");
  const isOpen = isNamed && (await checkPort(world, server, port));
  if (!isOpen || login === undefined || ticket === undefined) {
    const why = isOpen ? "not tried: there is no ticket" : "the port does not answer";
    await report.skip("remctl", isNamed ? why : "not tried: the host has no address");
    return;
  }
  await checkSession(world, server, port, login, ticket);
}

async function checkName({ report, locator }: World, server: string): Promise<boolean> {
  await report.progress("host name");
  const found = await addressesOf(locator.runtime, server);
  if (found instanceof Error) {
    await report.fail(
      "host name",
      `${server} has no address: ${found.message}`,
      obstacleAdvice("name", "the server", "the name you gave"),
    );
    return false;
  }
  await report.ok("host name", `${server} is ${found.join(", ")}`);
  return true;
}

async function serviceOf({ args, locator }: World, server: string): Promise<Principal> {
  const name = args.get("s");
  const service = name === undefined ? servicePrincipal("host", server) : parsePrincipal(name);
  return service.realm === "" ? { ...service, realm: await locator.realmOfHost(server) } : service;
}

async function checkTicket(world: World, server: string, { tgt }: LoggedIn): Promise<ServiceTicket | undefined> {
  const { report, kerberos } = world;
  await report.progress("service");
  const service = await serviceOf(world, server);
  const name = formatPrincipal(service);
  try {
    const { ticket } = await kerberos.getServiceTicket(tgt, service);
    const { kvno, etype } = decodeTicket(ticket.ticket).encPart;
    await report.ok(
      "service",
      `a ticket for ${formatPrincipal(ticket.service)}, kvno ${kvno ?? 0}, ${enctypeName(etype)}`,
    );
    await checkOwnKeytab(world, ticket);
    return ticket;
  } catch (error) {
    const words = serviceWords(error, name);
    await report.fail(
      ...(words ?? ["service", `${name}: ${messageOf(error)}`, "krb5-remctl trace kvno shows every step"]),
    );
    return undefined;
  }
}

/** On the server itself, its keytab tells more. */
async function checkOwnKeytab({ report, local }: World, ticket: ServiceTicket): Promise<void> {
  const name = keytabName(local, undefined);
  try {
    const keytab = await readKeytabFile(name, local.files);
    const { kvno = 0, etype } = decodeTicket(ticket.ticket).encPart;
    const entries = keytab.findAll({ principal: ticket.service });
    if (entries.length === 0) return;
    if (keytab.find({ principal: ticket.service, kvno, etype }) !== undefined) {
      await report.ok("own keytab", `${name} has the key, kvno ${kvno}`);
      return;
    }
    const has = [...new Set(entries.map((entry) => entry.kvno))].join(", ");
    await report.fail(
      "own keytab",
      `${name} has kvno ${has}, the KDC uses ${kvno}`,
      "if this is the server: write the keytab anew (kadmin ktadd)",
    );
  } catch {
    // Not the server, or not ours to read.
  }
}

async function checkPort({ report, host, locator, timeoutMs }: World, server: string, port: number): Promise<boolean> {
  const place = `${server}:${port}`;
  await report.progress("remctl port");
  if (host.runtime.connectTcp === undefined) {
    await report.skip("remctl port", "this runtime has no TCP");
    return false;
  }
  const started = performance.now();
  try {
    await tryConnection(locator.runtime, { host: server, port, timeoutMs });
    await report.ok("remctl port", `${place} opens in ${Math.round(performance.now() - started)} ms`);
    return true;
  } catch (error) {
    const obstacle = obstacleOf(error);
    await report.fail(
      "remctl port",
      `${place}: ${obstacleWords(obstacle, error)}`,
      cureOf(error) ?? obstacleAdvice(obstacle, "remctld", "-p gives another; remctl's is 4373"),
    );
    return false;
  }
}

async function checkSession(
  world: World,
  server: string,
  port: number,
  { credential }: LoggedIn,
  ticket: ServiceTicket,
): Promise<void> {
  const { report, host, local, timeoutMs } = world;
  await report.progress("remctl");
  let hasSpoken = false;
  const client = createClient({
    credentials: credential,
    config: local.config,
    runtime: host.runtime,
    now: host.now,
    service: ticket.service,
    connectTimeoutMs: timeoutMs,
    idleTimeoutMs: timeoutMs,
    onTrace: (event) => {
      if (event.type === "context-token" && event.direction === "received") hasSpoken = true;
      host.onTrace?.(event);
    },
  });
  try {
    const session = await client.connect(server, { port });
    await session.close();
    await report.ok("remctl", `${server} accepts the login of ${formatPrincipal(ticket.client)}; no command was sent`);
  } catch (error) {
    const [check, detail, advice] = sessionWords(error, {
      place: `${server}:${port}`,
      ticket,
      now: host.now(),
      hasSpoken,
    });
    await report.fail(check, detail, advice);
  } finally {
    client.close();
  }
}
