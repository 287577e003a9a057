import { decodeText, encodeHex, equal, printableLine } from "../bytes/index.ts";
import { hasName } from "../errors.ts";
import { type Element, parseBer, SEQUENCE } from "./ber.ts";
import type { Certificate } from "./certificate.ts";
import { dotted, OIDS } from "./oids.ts";

// Loaded where an authority limits the names below it, which few do.

const OTHER_NAME = 0xa0;
const MAIL = 0x81;
const HOST = 0x82;
const DIRECTORY = 0xa4;
/** Octets of a character in strings of text; all others are UTF-8, or their octets are compared. */
const WIDTHS: Readonly<Record<number, number>> = { 20: 1, 30: 2, 28: 4 };
const UTF8: ReadonlySet<number> = new Set([0x0c, 0x12, 0x13, 0x16, 0x1a]);

/** A name in the form in which names are compared. */
interface Name {
  /** The tag of its GeneralName, or what tells one kind of otherName from another. */
  readonly form: number | string;
  /** Its parts, of a directory name from the root on; undefined: a form that is not compared here. */
  readonly parts: readonly string[] | undefined;
  readonly shown: string;
}

/**
 * Whether the names of certificates are those that an authority above them may give (RFC 5280 section 4.2.1.10): what
 * is wrong, or undefined. `chain` begins with the end's. Limits bind whether they are critical or not.
 */
export function constraintsProblem(constraints: Element, chain: readonly Certificate[]): string | undefined {
  try {
    const [permitted, excluded] = [subtrees(constraints, 0xa0), subtrees(constraints, 0xa1)];
    for (const [index, certificate] of chain.entries()) {
      // Section 6.1.3, steps b and c: of an authority that renews its own key the names are its own.
      if (index > 0 && equal(certificate.subject, certificate.issuer)) continue;
      for (const name of namesOf(certificate)) {
        const problem = nameProblem(name, permitted, excluded);
        if (problem !== undefined) return `the name ${printableLine(name.shown, 100)} ${problem} (nameConstraints)`;
      }
    }
    return undefined;
  } catch (error) {
    if (!hasName(error, "DecodeError")) throw error;
    return "the names that its issuer may give do not decode (nameConstraints)";
  }
}

interface Subtree {
  readonly base: Name;
  /** It has a minimum or a maximum, which RFC 5280 does not allow. */
  readonly isOdd: boolean;
}

function subtrees(constraints: Element, tag: number): readonly Subtree[] {
  const list = constraints.as(SEQUENCE, "nameConstraints").find(tag)?.children ?? [];
  return list.map((subtree) => {
    const base = nameOf(subtree.as(SEQUENCE, "GeneralSubtree").at(0, "base"));
    return { base, isOdd: subtree.children.length > 1 };
  });
}

function nameProblem(name: Name, permitted: readonly Subtree[], excluded: readonly Subtree[]): string | undefined {
  const isOfForm = ({ base }: Subtree): boolean => base.form === name.form;
  const [allowed, refused] = [permitted.filter(isOfForm), excluded.filter(isOfForm)];
  const all = [...allowed, ...refused];
  if (all.length === 0) return undefined;
  const isNone = name.parts === undefined || (name.form === MAIL && name.parts[0]?.includes("@") !== true);
  if (isNone || all.some(({ isOdd }) => isOdd)) {
    return "is of a kind that an authority above it limits in a way that is not understood here";
  }
  const isUnder = ({ base }: Subtree): boolean => isWithin(name, base);
  const isGood = (allowed.length === 0 || allowed.some(isUnder)) && !refused.some(isUnder);
  return isGood ? undefined : "is not one that an authority above it may give";
}

function isWithin({ form, parts = [] }: Name, { parts: base = [] }: Name): boolean {
  if (form === DIRECTORY) return base.every((part, index) => part === parts[index]);
  const [[text = ""], [within = ""]] = [parts, base];
  const isDomain = within.startsWith(".") || within === "";
  if (form === HOST) return isDomain ? text.endsWith(within) : `.${text}`.endsWith(`.${within}`);
  const host = text.slice(text.lastIndexOf("@") + 1);
  if (within.includes("@")) return text === within;
  return isDomain ? host.endsWith(within) : host === within;
}

/** The subject, its addresses of mail, and the names beside it. */
function namesOf({ subject, extensions }: Certificate): readonly Name[] {
  const rdns = parseBer(subject, "subject").as(SEQUENCE, "subject").children;
  const directory = rdns.length === 0 ? [] : [directoryName(rdns)];
  const attributes = rdns.flatMap(({ children }) => children);
  const addresses = attributes
    .filter((attribute) => attribute.at(0, "type").oid("type") === OIDS.emailAddress)
    .map((attribute) => mailName(textOf(attribute.at(1, "value"))));
  return [...directory, ...addresses, ...extensions.names.map(nameOf)];
}

function nameOf(name: Element): Name {
  const { tag } = name;
  if (tag === DIRECTORY) return directoryName(name.at(0, "directoryName", SEQUENCE).children);
  if (tag === MAIL) return mailName(decodeText(name.contents));
  const text = decodeText(name.contents);
  // A dot at the end is the root of the DNS, which all names have.
  if (tag === HOST) return { form: HOST, parts: [text.toLowerCase().replace(/(.)\.$/, "$1")], shown: text };
  const kind = tag === OTHER_NAME ? `otherName ${dotted(name.at(0, "type-id").oid("type-id"))}` : undefined;
  return { form: kind ?? tag, parts: undefined, shown: kind ?? `of the tag ${tag & 0x1f}` };
}

/** The part before the last @ is a host's own, and its case counts (RFC 5280 section 7.5). */
function mailName(text: string): Name {
  const at = text.lastIndexOf("@") + 1;
  return { form: MAIL, parts: [text.slice(0, at) + text.slice(at).toLowerCase()], shown: text };
}

/** RFC 5280 section 7.1: equal but for case, white space and the form of characters. */
function directoryName(rdns: readonly Element[]): Name {
  const pairs = rdns.map(({ children }) =>
    children.map((pair): [string, string] => [dotted(pair.at(0, "type").oid("type")), textOf(pair.at(1, "value"))]),
  );
  const folded = ([type, text]: [string, string]): string =>
    JSON.stringify([type, text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim()]);
  const parts = pairs.map((rdn) => rdn.map(folded).sort().join());
  return { form: DIRECTORY, parts, shown: pairs.flatMap((rdn) => rdn.map((pair) => pair.join("="))).join(", ") };
}

function textOf(value: Element): string {
  const { tag, contents, octets } = value;
  if (UTF8.has(tag)) return decodeText(contents);
  const width = WIDTHS[tag];
  if (width === undefined) return `#${encodeHex(octets)}`;
  let text = "";
  for (let at = 0; at + width <= contents.length; at += width) {
    const point = contents.subarray(at, at + width).reduce((value, octet) => value * 256 + octet, 0);
    text += point > 0x10ffff ? "\ufffd" : String.fromCodePoint(point);
  }
  return text;
}
