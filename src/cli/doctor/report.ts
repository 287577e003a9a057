import { encodeText, printableText } from "../../bytes/index.ts";
import type { CommandHost } from "../command.ts";
import { jsonLine, printable } from "../text.ts";

/** How a check came out. `warn`: it works, and something should be done; `skip`: it could not be looked at. */
export type Outcome = "ok" | "warn" | "fail" | "skip";

/** One finding. */
export interface Finding {
  /** What was looked at, as `KDC port`. */
  readonly check: string;
  readonly outcome: Outcome;
  /** What was found. */
  readonly detail: string;
  /** What to do; of a failure or a warning. */
  readonly advice?: string;
}

const MARKS: Readonly<Record<Outcome, string>> = { ok: "ok", warn: "warn", fail: "FAIL", skip: "skip" };
const CHECK_WIDTH = 20;

/** Takes findings as they come, and shows each at once. */
export class Report {
  readonly findings: Finding[] = [];
  readonly #host: CommandHost;
  readonly #isJson: boolean;

  constructor(host: CommandHost, options: { readonly isJson: boolean }) {
    this.#host = host;
    this.#isJson = options.isJson;
  }

  get hasFailed(): boolean {
    return this.findings.some(({ outcome }) => outcome === "fail");
  }

  ok(check: string, detail: string): Promise<void> {
    return this.#add({ check, outcome: "ok", detail });
  }

  warn(check: string, detail: string, advice: string): Promise<void> {
    return this.#add({ check, outcome: "warn", detail, advice });
  }

  fail(check: string, detail: string, advice: string): Promise<void> {
    return this.#add({ check, outcome: "fail", detail, advice });
  }

  skip(check: string, detail: string): Promise<void> {
    return this.#add({ check, outcome: "skip", detail });
  }

  /** On a terminal, what is being looked at, until the finding takes its place. */
  async progress(check: string): Promise<void> {
    if (this.#host.stdout.isTerminal && !this.#isJson) await this.#host.stdout.write(encodeText(`...   ${check}\r`));
  }

  async #add(given: Finding): Promise<void> {
    // A finding is a line, and its advice another, whatever a library or a stranger's answer put into them.
    const { advice: cure } = given;
    const finding: Finding = {
      ...given,
      detail: oneLine(given.detail),
      ...(cure === undefined ? {} : { advice: oneLine(cure) }),
    };
    this.findings.push(finding);
    const { stdout } = this.#host;
    if (this.#isJson) return await stdout.write(jsonLine(finding));
    const { check, outcome, detail, advice } = finding;
    const clear = stdout.isTerminal ? "\r\u001b[K" : "";
    const line = `${MARKS[outcome].padEnd(6)}${check.padEnd(CHECK_WIDTH)}${detail}\n`;
    const more = advice === undefined ? "" : `${" ".repeat(6 + CHECK_WIDTH)}-> ${advice}\n`;
    if (clear !== "") await stdout.write(encodeText(clear));
    await stdout.write(printable(line + more));
  }
}

/** More than any finding has to say. */
const MAX_CHARACTERS = 2_000;

function oneLine(text: string): string {
  const line = text
    .split(/[\r\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .join(" ");
  return printableText(line, MAX_CHARACTERS);
}
