import { decodeHex, decodeText, encodeHex } from "../../bytes/index.ts";
import { parseEnctype } from "../../config/index.ts";
import { changeKeytabFile, KeyBlock, Keytab, type KeytabEntry } from "../../credentials/index.ts";
import type { CommandHost } from "../command.ts";
import { CommandFailure, trying } from "../failure.ts";
import { type ParsedArgs, parseArgs } from "../getopt.ts";
import { allEncTypes, permittedEncTypes } from "../kerberos.ts";
import { askKeyHint, keysOfPassword } from "../keys-of-password.ts";
import { keytabName, type Local, openLocal, principalOf, readKeytab, readOrNewKeytab } from "../local.ts";
import { messageOf, type Program, runProgram } from "../program.ts";
import { etypeText, nameOf, sayAll, TIME_WIDTH, timeText } from "../text.ts";

const program: Program = {
  short: "",
  usage: `Usage: ktutil
`,
  help: `Edits a list of keys, by requests on standard input, one a line:

  read_kt FILE, rkt          adds the keys of a keytab to the list
  write_kt FILE, wkt         adds the list to a keytab, which is created if needed
  add_entry, addent          (-key | -password) -p principal -k kvno [-e enctype] [-f | -s salt]; -f: salt, iterations
                             and, without -e, the enctype are asked of the KDC
  delete_entry N, delent     removes a key from the list
  list [-t] [-k] [-e], l     shows the list; -t: times, -k: the keys themselves, -e: enctypes
  clear_list, clear          empties the list
  quit, exit, q

The status is always 0, as with MIT's ktutil; krb5-remctl keytab reports failures in its status.

Example: printf 'rkt old.keytab\\nwkt new.keytab\\n' | ktutil
`,
  usageStatus: 1,
};

/** `ktutil`. */
export function ktutil(host: CommandHost): Promise<number> {
  return runProgram(program, host, async () => {
    const local = await openLocal(host);
    const editor = new Editor(host, local);
    for (;;) {
      const octets = await host.readLine?.("ktutil:  ");
      if (octets === undefined) return 0;
      const words =
        decodeText(octets)
          .trim()
          .match(/"[^"]*"|\S+/g) ?? [];
      const [request, ...rest] = words.map((word) => word.replace(/^"(.*)"$/, "$1"));
      if (request === undefined) continue;
      const isAfterFailure = editor.mayFollowSecret;
      editor.mayFollowSecret = false;
      if (["quit", "exit", "q"].includes(request)) return 0;
      try {
        await editor.run(request, rest);
      } catch (error) {
        const isHidden = isAfterFailure && error instanceof UnknownRequest;
        await host.stderr.write(`${isHidden ? UnknownRequest.hidden : messageOf(error)}\n`);
      }
    }
  });
}

/** A request that ktutil does not have. */
class UnknownRequest extends CommandFailure {
  static readonly hidden: string =
    'ktutil: Unknown request, not shown: it may be the secret of the entry that was not added.  Type "?" for a request list.';

  constructor(request: string) {
    super(`ktutil: Unknown request "${request}".  Type "?" for a request list.`);
  }
}

class Editor {
  /** Whether the next line may be the password of an entry that was refused before it was read. */
  mayFollowSecret = false;
  readonly #host: CommandHost;
  readonly #local: Local;
  #entries: KeytabEntry[] = [];

  constructor(host: CommandHost, local: Local) {
    this.#host = host;
    this.#local = local;
  }

  async run(request: string, words: readonly string[]): Promise<void> {
    switch (request) {
      case "read_kt":
      case "rkt": {
        const name = keytabName(this.#local, need(words[0], "usage: read_kt keytab"));
        const { entries } = await readKeytab(this.#local, name, `while reading keytab "${words[0]}"`);
        for (const entry of entries) this.#entries.push(entry);
        return;
      }
      case "write_kt":
      case "wkt":
        return await this.#write(need(words[0], "usage: write_kt keytab"));
      case "add_entry":
      case "addent":
        this.mayFollowSecret = true;
        await this.#add(words);
        this.mayFollowSecret = false;
        return;
      case "delete_entry":
      case "delent": {
        const slot = Number(need(words[0], "usage: delete_entry entry"));
        if (!(slot >= 1 && slot <= this.#entries.length)) {
          throw new CommandFailure(`${request}: Invalid argument while deleting entry ${words[0]}`);
        }
        this.#entries.splice(slot - 1, 1);
        return;
      }
      case "list":
      case "l":
        return await this.#list(parseArgs(words, { short: "tke" }));
      case "clear_list":
      case "clear":
        this.#entries = [];
        return;
      case "?":
      case "lr":
      case "list_requests":
        return await this.#host.stdout.write(program.help);
      default:
        throw new UnknownRequest(request);
    }
  }

  async #write(file: string): Promise<void> {
    const name = keytabName(this.#local, file);
    const change = async (): Promise<Keytab> => {
      const old = await readOrNewKeytab(this.#local, name, `while writing keytab "${file}"`);
      return new Keytab([...old.entries, ...this.#entries]);
    };
    await changeKeytabFile(name, change, this.#local.files);
  }

  async #add(words: readonly string[]): Promise<void> {
    // Long names with one dash, as MIT has them.
    const args = parseArgs(
      words.map((word) => (word === "-password" || word === "-key" ? `-${word}` : word)),
      { short: "p:k:e:s:f", long: { password: "password", key: "key" } },
    );
    const [text, version, etypeName] = ["p", "k", "e"].map((letter) => args.get(letter));
    const usage = "usage: addent (-key | -password) -p principal -k kvno [-e enctype] [-f|-s salt]";
    const isOneSecret = args.has("key") !== args.has("password");
    if (text === undefined || version === undefined || !isOneSecret || (args.has("f") && args.has("s"))) {
      throw new CommandFailure(usage);
    }
    const isAsked = args.has("f") && args.has("password");
    if (etypeName === undefined && !isAsked) throw new CommandFailure("enctype must be specified if not using -f");
    const etype = etypeName === undefined ? undefined : parseEnctype(etypeName);
    const kvno = /^\d{1,10}$/.test(version) ? Number(version) : Number.NaN;
    if ((etypeName !== undefined && etype === undefined) || !(kvno <= 0xffffffff))
      throw new CommandFailure(`addent: Invalid argument while adding new entry`);
    const principal = principalOf(this.#local, text, { doing: "while adding new entry" });
    const isKey = args.has("key");
    const prompt = isKey ? `Key for ${nameOf(principal)} (hex): ` : `Password for ${nameOf(principal)}: `;
    const secret = await this.#host.readSecret(prompt);
    if (secret === undefined) throw new CommandFailure("addent: Cannot read password while adding new entry");
    const all = await allEncTypes(this.#host);
    const { permitted } = await permittedEncTypes(this.#host, this.#local);
    if (!isKey || etype === undefined) {
      const hint = isAsked
        ? await trying("while adding new entry", () =>
            askKeyHint(this.#host, this.#local, principal, etype === undefined ? permitted : [etype]),
          ).catch((error: unknown) => {
            throw new CommandFailure(`addent: ${messageOf(error)}`, { cause: error });
          })
        : undefined;
      const etypes = etype === undefined ? undefined : [etype];
      const how = hint === undefined ? { etypes, salt: args.get("s") } : { hints: [hint] };
      this.#entries.push(...(await keysOfPassword(this.#host, principal, secret, { kvno, ...how })));
      return;
    }
    const octets = keyOctets(decodeText(secret));
    // Throws for a key that is not of this enctype.
    all.importKey(etype, octets);
    const timestamp = new Date(Math.floor(this.#host.now() / 1000) * 1000);
    this.#entries.push({ principal, kvno, timestamp, keyBlock: new KeyBlock(etype, octets) });
  }

  async #list(args: ParsedArgs): Promise<void> {
    const withTime = args.has("t");
    const width = 69 - (withTime ? TIME_WIDTH + 1 : 0);
    const lines = [
      `slot KVNO ${withTime ? `${"Timestamp".padEnd(TIME_WIDTH)} ` : ""}Principal`,
      `---- ---- ${withTime ? `${"-".repeat(TIME_WIDTH)} ` : ""}${"-".repeat(width)}`,
    ];
    for (const [i, { principal, kvno, timestamp, keyBlock }] of this.#entries.entries()) {
      const time = withTime ? `${timeText(timestamp)} ` : "";
      const etype = args.has("e") ? ` (${etypeText(keyBlock.etype)}) ` : "";
      const key = args.has("k") ? ` (0x${encodeHex(keyBlock.octets)})` : "";
      const head = `${String(i + 1).padStart(4)} ${String(kvno).padStart(4)} `;
      lines.push(`${head}${time}${nameOf(principal).padStart(40)}${etype}${key}`);
    }
    await sayAll(this.#host, lines);
  }
}

function keyOctets(text: string): Uint8Array {
  try {
    return decodeHex(text.trim());
  } catch {
    // Not with its text: it is a key.
    throw new CommandFailure("addent: Invalid argument while adding new entry: the key is not hexadecimal");
  }
}

function need(value: string | undefined, usage: string): string {
  if (value === undefined) throw new CommandFailure(usage);
  return value;
}
