import {
  type AnonymousOptions,
  anonymous,
  type CertificateOptions,
  type CredentialSource,
  certificate,
} from "../client/index.ts";
import { loadAnchors, PkinitConfig, type Relation } from "../config/index.ts";
import type { Principal } from "../krb5/index.ts";
import { createTrace } from "../trace.ts";
import type { CommandHost } from "./command.ts";
import { CommandFailure, trying } from "./failure.ts";
import type { ParsedArgs } from "./getopt.ts";
import { cacheOf, type Local, needCache } from "./local.ts";

const MAX_BYTES = 1_048_576;
const DOING = "while getting initial credentials";

/** Credentials of a certificate, as a command line or krb5.conf names it. */
export interface CertificateLogin {
  readonly source: CredentialSource;
  /** What named it, for the cache: another login may use it. */
  readonly identity: string;
  /** Whether the command line named it: then nothing else is tried. */
  readonly isNamed: boolean;
}

/** Credentials of nobody in a realm (`kinit -n`). */
export async function anonymousLogin(
  host: CommandHost,
  local: Local,
  realm: string,
  args: ParsedArgs,
): Promise<CredentialSource> {
  return anonymous(realm, await trustOf(host, local, realm, args));
}

/**
 * The certificate of `-X X509_user_identity=`, else that of the cache that `-I` names, else the first of
 * `pkinit_identities` that can be read.
 */
export async function certificateLogin(
  host: CommandHost,
  local: Local,
  client: Principal,
  args: ParsedArgs,
): Promise<CertificateLogin | undefined> {
  const [given, another] = attributesOf(args, "X509_user_identity");
  // As with MIT's kinit: which one is meant cannot be known.
  if (another !== undefined) {
    throw new CommandFailure(`more than one certificate by -X X509_user_identity ${DOING}`, {
      advice: "give one of them",
    });
  }
  const named = given ?? (await identityOfCache(host, local, args.get("I")));
  const identities = named === undefined ? new PkinitConfig(local.config.profile, client.realm).identities : [named];
  if (identities.length === 0) return undefined;
  const trust = await trustOf(host, local, client.realm, args);
  // As with MIT's kinit: "yes" and no other word.
  const freshness = !attributesOf(args, "disable_freshness").includes("yes");
  for (const identity of identities) {
    try {
      const own = await readIdentity(host, local, identity);
      return { source: certificate(client, { ...trust, ...own, freshness }), identity, isNamed: named !== undefined };
    } catch (error) {
      if (named !== undefined || !(error instanceof CommandFailure)) throw error;
      createTrace(host.onTrace, host.now)({ type: "note", text: `pkinit_identities: passed over: ${error.message}` });
    }
  }
  return undefined;
}

/**
 * The identity of the login that filled a cache (`pa_config_data`), if it was one by a certificate. As with MIT's
 * kinit, a cache that cannot be read is passed over.
 */
async function identityOfCache(host: CommandHost, local: Local, name: string | undefined): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const cache = await cacheOf(local, name, "while resolving input ccache");
  let data: Uint8Array | undefined;
  try {
    const { config } = await needCache(cache, DOING);
    data = config.find(({ key }) => key === "pa_config_data")?.value;
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    createTrace(host.onTrace, host.now)({ type: "note", text: `-I has no effect: ${error.message}` });
    return undefined;
  }
  try {
    const { X509_user_identity: identity } = JSON.parse(new TextDecoder().decode(data)) as Record<string, unknown>;
    return typeof identity === "string" ? identity : undefined;
  } catch {
    return undefined;
  }
}

/** What a login by this certificate is remembered by (`pa_config_data` of the cache), as MIT writes it. */
export function configData({ identity }: CertificateLogin): string {
  return JSON.stringify({ X509_user_identity: identity });
}

/** An attribute that is not known is passed over, as with MIT's kinit: the trace has its name, and not its value. */
export function noteAttributes(host: CommandHost, attributes: readonly string[]): void {
  for (const attribute of attributes) {
    const [name = ""] = attribute.split("=");
    if (KNOWN.includes(name)) continue;
    const text = `-X ${name} has no effect: it is not known (known: ${KNOWN.join(", ")})`;
    createTrace(host.onTrace, host.now)({ type: "note", text });
  }
}

const KNOWN: readonly string[] = ["X509_user_identity", "X509_anchors", "disable_freshness"];

function attributesOf(args: ParsedArgs, name: string): readonly string[] {
  return args.all("X").flatMap((one) => (one.startsWith(`${name}=`) ? [one.slice(name.length + 1)] : []));
}

/** How the KDC is known: the anchors of the command line, or else those of krb5.conf. */
async function trustOf(
  { env }: CommandHost,
  { config, files }: Local,
  realm: string,
  args: ParsedArgs,
): Promise<AnonymousOptions> {
  const settings = new PkinitConfig(config.profile, realm);
  const given = attributesOf(args, "X509_anchors").map(
    (value): Relation => ({ name: "X509_anchors", value, file: "-X", line: 1 }),
  );
  return await trying(DOING, async () => {
    settings.refuseUnsupported();
    const load = (relations: readonly Relation[], key: string) => loadAnchors(relations, { files, env }, key);
    const anchors = await load(given.length > 0 ? given : settings.anchors, "pkinit_anchors");
    if (anchors.length === 0) {
      throw new CommandFailure(`no certificates to know the KDC of ${realm} by ${DOING}`, {
        advice: "name its authority: pkinit_anchors of krb5.conf, or -X X509_anchors=FILE:ca.pem",
      });
    }
    const pool = await load(settings.pool, "pkinit_pool");
    const { kdcHostnames, ekuChecking, dhMinBits } = settings;
    return {
      anchors,
      ...(pool.length > 0 ? { pool } : {}),
      ...(kdcHostnames.length > 0 ? { kdcHostname: kdcHostnames } : {}),
      kdcUsage: ekuChecking,
      dhMinBits,
    };
  });
}

/** `FILE:certificate[,key]`, `PKCS12:file`, `DIR:folder` or `ENV:variable` with one of these; a file without a type. */
async function readIdentity(
  host: CommandHost,
  local: Local,
  identity: string,
): Promise<Pick<CertificateOptions, "certificate" | "key" | "pkcs12">> {
  const [, type = "FILE", rest = ""] = /^(?:([A-Z0-9]+):)?(.*)$/s.exec(identity) ?? [];
  switch (type) {
    case "FILE": {
      const [own = "", key = own] = rest.split(",");
      return { certificate: await readPem(local, own), key: await readPem(local, key) };
    }
    case "PKCS12":
      return { pkcs12: await readFile(local, rest) };
    case "DIR": {
      const [own, another] = await pairsIn(local, rest);
      if (own === undefined) throw new CommandFailure(`${identity} has no certificate.crt with its .key ${DOING}`);
      // As with MIT's kinit: which one is meant cannot be known.
      if (another !== undefined) {
        throw new CommandFailure(`${identity} has more than one certificate.crt with its .key ${DOING}`, {
          advice: "name the one that is meant, as FILE:certificate.crt,certificate.key",
        });
      }
      return own;
    }
    case "ENV": {
      const value = host.env[rest];
      if (value === undefined || value.startsWith("ENV:")) {
        throw new CommandFailure(`${identity}: the variable does not name a certificate ${DOING}`);
      }
      return readIdentity(host, local, value);
    }
    default:
      throw new CommandFailure(`${type}: is not a kind of certificate that can be read here ${DOING}`, {
        advice: "name a file, as FILE:certificate.pem,key.pem or PKCS12:file.p12; a card needs native code",
      });
  }
}

/** The certificates of a directory, with their keys beside them. Like MIT's kinit it passes over what is not one. */
async function pairsIn(
  local: Local,
  directory: string,
): Promise<readonly { readonly certificate: string; readonly key: string }[]> {
  const pairs: { certificate: string; key: string }[] = [];
  const names = new Set((await local.files.list(directory)) ?? []);
  for (const name of [...names].sort()) {
    const keyName = `${name.slice(0, -".crt".length)}.key`;
    if (!name.endsWith(".crt") || !names.has(keyName)) continue;
    try {
      const certificate = await readPem(local, `${directory}/${name}`);
      const key = await readPem(local, `${directory}/${keyName}`);
      if (typeof certificate === "string" && typeof key === "string") pairs.push({ certificate, key });
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
    }
  }
  return pairs;
}

async function readPem(local: Local, path: string): Promise<string | Uint8Array> {
  const octets = await readFile(local, path);
  const text = new TextDecoder().decode(octets);
  return text.includes("-----BEGIN ") ? text : octets;
}

async function readFile({ files }: Local, path: string): Promise<Uint8Array> {
  const fail = (why: string, cause?: unknown): never => {
    throw new CommandFailure(`${path}: ${why} ${DOING}`, { cause });
  };
  const octets = await files
    .read(path, { maxBytes: MAX_BYTES })
    .catch((cause: unknown) => fail("cannot be read", cause));
  return octets ?? fail("the file does not exist");
}
