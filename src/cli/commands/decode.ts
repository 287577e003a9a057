import { concatAll, decodeHex } from "../../bytes/index.ts";
import { parseEnctype } from "../../config/index.ts";
import {
  headerTokens,
  KeyRing,
  messagesOf,
  octetsOfInput,
  TreeReader,
  treeLines,
  treeOf,
} from "../../inspect/index.ts";
import { type Certificate, readCertificates } from "../../x509/index.ts";
import type { CommandHost } from "../command.ts";
import { CommandFailure } from "../failure.ts";
import { type ParsedArgs, UsageError } from "../getopt.ts";
import { allEncTypes } from "../kerberos.ts";
import { keysOfPassword } from "../keys-of-password.ts";
import { cacheOf, keytabName, needCache, openLocal, principalOf, readKeytab } from "../local.ts";
import { type Program, runProgram } from "../program.ts";
import { nameOf, say } from "../text.ts";

const program: Program = {
  short: "t:k:p:c:A:Sx",
  long: { keytab: "t", key: "k", cache: "c", anchors: "A", secrets: "S", octets: "x" },
  usage: `Usage: krb5-remctl decode [-t keytab_file] [-k enctype:hexkey] [-p principal] [-c cachename] [-A authorities.pem]
	[-S] [-x] [file | text]
`,
  help: `Shows Kerberos messages as a tree: those of KDCs, with or without the length that goes before them on TCP, GSS
tokens, password changes, KDC proxy messages, remctl packets; anything else as ASN.1. The octets come from a file, from
standard input, or stand on the command line: as they are, in base64, in hex (a stream or a dump), or in the
Negotiate headers of an HTTP request or answer.

Decrypts each part whose key is known; the keys in it decrypt what follows. So give all messages of a session one
after another, each with its length before it. FAST opens with the keys of its armor: give the cache that held it, or
the armor key itself. What certificates sign is shown, and whether the signature is right.

  -t    uses the keys of a keytab
  -k    uses a key, for example aes256-sha1:00112233...; other users see it in the process list: prefer -t
  -p    asks for the password of this principal, whose salt must be the default one
  -c    uses the session keys of a cache's tickets, for example of FAST's armor
  -A    holds certificates against these authorities (PEM)
  -S    shows secrets: keys and passwords
  -x    shows octets in full

Example: krb5-remctl decode -t /etc/krb5.keytab request.bin
`,
  usageStatus: 2,
};

const MAX_BYTES = 16 * 1024 * 1024;

/** `krb5-remctl decode`. */
export function decode(host: CommandHost): Promise<number> {
  return runProgram(program, host, async (args) => {
    const [source, extra] = args.operands;
    if (extra !== undefined) throw new UsageError("give one file or one text");
    const keys = await keysOf(host, args);
    const input = await readInput(host, source);
    const tokens = headerTokens(input).map(({ octets }) => octets);
    const anchors = await anchorsOf(host, args.all("A"));
    const reader = new TreeReader(keys, { withSecrets: args.has("S"), withOctets: args.has("x"), anchors });
    const { messages, isFramed } =
      tokens.length > 0 ? { messages: tokens, isFramed: false } : messagesOf(octetsOfInput(input));
    for (const message of messages) {
      const length = isFramed ? `length ${message.length}\n` : "";
      const tree = treeOf(message, { reader, keys });
      await reader.settle();
      await say(host, `${length}${treeLines(tree).join("\n")}`);
    }
    return 0;
  });
}

async function keysOf(host: CommandHost, args: ParsedArgs): Promise<KeyRing> {
  const keys = new KeyRing(await allEncTypes(host));
  for (const name of args.all("t")) {
    const local = await openLocal(host);
    for (const { principal, kvno, keyBlock } of (await readKeytab(local, keytabName(local, name), "")).entries) {
      keys.add(keyBlock.etype, keyBlock.octets, `the key of ${nameOf(principal)}, kvno ${kvno}`);
    }
  }
  for (const name of args.all("c")) {
    const cache = await cacheOf(await openLocal(host), name);
    const contents = await needCache(cache, "");
    for (const { server, key } of contents.credentials) {
      keys.add(key.etype, key.octets, `the session key of ${nameOf(server)}`);
    }
  }
  for (const text of args.all("k")) addKey(keys, text);
  for (const text of args.all("p")) {
    const principal = principalOf(await openLocal(host), text);
    const password = await host.readSecret(`Password for ${nameOf(principal)}: `);
    if (password === undefined) throw new CommandFailure("Cannot read password");
    for (const { keyBlock } of await keysOfPassword(host, principal, password, { kvno: 0 })) {
      keys.add(keyBlock.etype, keyBlock.octets, `the password of ${nameOf(principal)}`);
    }
  }
  return keys;
}

async function anchorsOf(host: CommandHost, names: readonly string[]): Promise<readonly Certificate[]> {
  const read = async (name: string): Promise<readonly Certificate[]> => {
    const octets = await readInput(host, name);
    const text = new TextDecoder().decode(octets);
    return readCertificates(text.includes("-----BEGIN ") ? text : octets, name);
  };
  return (await Promise.all(names.map(read))).flat();
}

/** Its text is a secret: no message repeats it. */
function addKey(keys: KeyRing, text: string): void {
  const colon = text.lastIndexOf(":");
  const etype = colon < 0 ? undefined : (parseEnctype(text.slice(0, colon)) ?? numberOf(text.slice(0, colon)));
  let octets: Uint8Array | undefined;
  try {
    octets = decodeHex(text.slice(colon + 1).replace(/^0x/, ""));
  } catch {
    octets = undefined;
  }
  if (etype === undefined || octets === undefined || !keys.add(etype, octets, "the given key")) {
    throw new UsageError("-k takes enctype:hexkey, for example aes256-sha1: and 64 hexadecimal digits");
  }
}

function numberOf(text: string): number | undefined {
  return /^\d{1,3}$/.test(text) ? Number(text) : undefined;
}

/** A file of this name; else the text itself, if it can be octets; standard input without either. */
async function readInput(host: CommandHost, source: string | undefined): Promise<Uint8Array> {
  if (source === undefined || source === "-") {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (let part = await host.stdin.read(); part !== undefined; part = await host.stdin.read()) {
      length += part.length;
      if (length > MAX_BYTES)
        throw new CommandFailure(`more than ${MAX_BYTES} octets on standard input: give it in parts`);
      parts.push(part);
    }
    return concatAll(parts);
  }
  const file = await host.runtime
    .files?.()
    .read(source, { maxBytes: MAX_BYTES })
    .catch((cause: unknown) => {
      if ((cause as { readonly code?: string }).code === "ENAMETOOLONG") return undefined;
      throw new CommandFailure(`${source}: ${(cause as Error).message}`, { cause });
    });
  if (file !== undefined) return file;
  const text = new TextEncoder().encode(source);
  if (!/^[0-9a-fA-F\s:]+$|^[A-Za-z0-9+/_=\s-]{16,}$/.test(source) && headerTokens(text).length === 0) {
    throw new CommandFailure(`${source}: not a file, nor hex, nor base64, nor a Negotiate header; check the name`);
  }
  return text;
}
