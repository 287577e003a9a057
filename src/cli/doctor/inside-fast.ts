import { type CredentialSource, ccache, contentsOfLogin, interactive } from "../../client/index.ts";
import { PkinitConfig } from "../../config/index.ts";
import { findCredential, MemoryCaches, openCache } from "../../credentials/index.ts";
import { hasCode } from "../../errors.ts";
import { PADATA } from "../../iana/index.ts";
import { formatPrincipal, type Principal, tgsPrincipal } from "../../krb5/index.ts";
import type { TraceEvent } from "../../trace.ts";
import { kerberosOf, silentKerberos } from "../kerberos.ts";
import { cacheOf, readCache } from "../local.ts";
import { anonymousLogin } from "../pkinit.ts";
import { messageOf } from "../program.ts";
import type { World } from "./world.ts";

/** What a KDC offers inside FAST, and the armor with which it said so. */
export interface Inside {
  readonly armor: CredentialSource;
  /** The registered names; undefined where it did not say. */
  readonly mechanisms?: readonly string[];
}

/**
 * Asks a KDC inside FAST what it offers, with the first armor that is at hand: `-a`, the ticket of the cache, an
 * anonymous one. It proves nothing of the client. Undefined where there is nothing to ask with.
 */
export async function lookInside(
  world: World,
  client: Principal,
  types: readonly number[],
): Promise<Inside | undefined> {
  const { report } = world;
  await report.progress("inside FAST");
  const armor = await armorOf(world, client, types);
  if (armor === undefined) return undefined;
  const lists: (readonly string[])[] = [];
  const { runtime, env, now, onTrace } = world.host;
  const listen = (event: TraceEvent): void => {
    if (event.type === "preauth-offered") lists.push(event.mechanisms);
    onTrace?.(event);
  };
  try {
    // Nobody is asked for a secret, so that none is proven: what the KDC offers is all that comes of it.
    const kerberos = silentKerberos({ runtime, env, now, onTrace: listen }, world.local, { armor: armor.source });
    await kerberos.login(interactive(client), { lifetimeSeconds: 600 });
  } catch (error) {
    const mechanisms = lists.at(-1);
    if (mechanisms !== undefined && hasCode(error, "PROMPT_NEEDED", "PREAUTH_UNSUPPORTED", "ETYPE_NOT_PERMITTED")) {
      return { armor: armor.source, mechanisms };
    }
    await report.warn(
      "inside FAST",
      `armored by ${armor.name}: ${messageOf(error)}`,
      "the message says what to do; krb5-remctl trace kinit -T shows every step",
    );
    return undefined;
  }
  return { armor: armor.source, mechanisms: [] };
}

interface Armor {
  readonly source: CredentialSource;
  readonly name: string;
}

async function armorOf(world: World, client: Principal, types: readonly number[]): Promise<Armor | undefined> {
  const { args, local, host } = world;
  const named = args.get("a");
  if (named !== undefined) return { source: ccache(named), name: named };
  const cache = await cacheOf(local, args.get("c")).catch(() => undefined);
  const contents = cache === undefined ? undefined : await readCache(cache).catch(() => undefined);
  const found = contents && findCredential(contents, { server: tgsPrincipal(client.realm) });
  if (cache !== undefined && found !== undefined && found.endTime.getTime() > host.now()) {
    return { source: ccache(cache), name: cache.name };
  }
  const hasAnchors = new PkinitConfig(local.config.profile, client.realm).anchors.length > 0 || args.has("X");
  return hasAnchors && types.includes(PADATA.pkinitKx) ? await anonymousArmor(world, client.realm) : undefined;
}

/** An anonymous ticket, by which the KDC proves itself too. */
async function anonymousArmor(world: World, realm: string): Promise<Armor | undefined> {
  const { args, report, local, host, encTypes } = world;
  try {
    const login = await kerberosOf(host, local).login(await anonymousLogin(host, local, realm, args), {
      lifetimeSeconds: 600,
    });
    const { randomBytes } = encTypes.provider;
    const cache = openCache("MEMORY:armor", { randomBytes, memory: new MemoryCaches() });
    await cache.initialize(contentsOfLogin(login));
    await report.ok("anonymous PKINIT", `the KDC of ${realm} is known by its certificate`);
    const nobody = formatPrincipal(login.ticket.client);
    return { source: ccache(cache), name: nobody };
  } catch (error) {
    await report.warn(
      "anonymous PKINIT",
      messageOf(error),
      "see pkinit_anchors of krb5.conf, and the KDC's certificate",
    );
    return undefined;
  }
}
