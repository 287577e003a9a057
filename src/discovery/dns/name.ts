import { type Reader, Writer } from "../../bytes/index.ts";

const maxNameOctets = 255;
const maxLabelOctets = 63;
/** No name has more labels, and each pointer leads to one at least in what an honest server sends. */
const maxPointers = 127;

/**
 * A domain name in wire form (RFC 1035 section 3.1); undefined for text that is not a name: an empty label, one longer
 * than 63 octets, more than 255 in all, or a character outside printable ASCII.
 */
export function encodeName(text: string): Uint8Array | undefined {
  const name = text.replace(/\.$/, "");
  const writer = new Writer(name.length + 2);
  if (name !== "") {
    for (const label of name.split(".")) {
      if (label === "" || label.length > maxLabelOctets || !/^[!-~]+$/.test(label)) return undefined;
      writer.uint8(label.length);
      for (let i = 0; i < label.length; i++) writer.uint8(label.charCodeAt(i));
    }
  }
  writer.uint8(0);
  return writer.length > maxNameOctets ? undefined : writer.finish();
}

/**
 * Reads a name, pointers of its compression followed (RFC 1035 section 4.1.4). A pointer leads before everything that
 * was read of the name so far, so that a loop ends. The text is in lower case, without a final dot (the root is
 * `""`); a dot or an octet outside printable ASCII within a label is `\DDD`, so that no two names have one text. Throws
 * DecodeError.
 */
export function readName(reader: Reader): string {
  const { octets } = reader;
  const labels: string[] = [];
  let nameOctets = 1;
  let start = reader.offset;
  let at = start;
  let end: number | undefined;
  let pointers = 0;
  for (;;) {
    const length = octets[at];
    if (length === undefined) return reader.fail("a name that does not end");
    if (length === 0) {
      reader.offset = end ?? at + 1;
      return labels.join(".");
    }
    if (length >= 0xc0) {
      const low = octets[at + 1];
      if (low === undefined) return reader.fail("a name that does not end");
      end ??= at + 2;
      const target = (length - 0xc0) * 256 + low;
      pointers += 1;
      if (pointers > maxPointers) return reader.fail(`a name of more than ${maxPointers} pointers`);
      if (target >= start) return reader.fail("a name that points forward, or to itself");
      start = target;
      at = target;
      continue;
    }
    if (length > maxLabelOctets) return reader.fail("a label of an unknown kind");
    nameOctets += length + 1;
    if (nameOctets > maxNameOctets) return reader.fail(`a name of more than ${maxNameOctets} octets`);
    if (at + 1 + length > octets.length) return reader.fail("a label that does not end");
    labels.push(labelText(octets.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
}

function labelText(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) {
    const isPlain = octet > 0x20 && octet < 0x7f && octet !== 0x2e && octet !== 0x5c;
    text += isPlain ? String.fromCharCode(octet) : `\\${String(octet).padStart(3, "0")}`;
  }
  return text.toLowerCase();
}

/**
 * Whether a name can be a host's: labels of letters, digits, hyphens and underscores (RFC 1123 section 2.1, and
 * practice).
 */
export function isHostName(name: string): boolean {
  return (
    name.length <= 253 && /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i.test(name)
  );
}
