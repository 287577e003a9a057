import { decodeText, trimEndOf } from "../bytes/index.ts";
import { ConfigError } from "../errors.ts";
import type { Files } from "../host/index.ts";
import type { Relation } from "./profile.ts";

/** Where {@link loadAnchors} reads. */
export interface AnchorHost {
  readonly files?: Pick<Files, "read" | "list" | "stat"> | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

const MAX_FILE_BYTES = 1_048_576;
const MAX_FILES = 500;
const MAX_TOTAL_CHARACTERS = 8_388_608;

/**
 * Certificates (PEM) of the authorities that `http_anchors`, or another tag, names: `FILE:path`, `DIR:path` (every
 * file in it that has some), or `ENV:variable` with one of these. Throws ConfigError, with file and line of the value,
 * for any other value, for one that does not exist, or has no certificate.
 */
export async function loadAnchors(
  relations: readonly Relation[],
  host: AnchorHost,
  key = "http_anchors",
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const relation of relations) {
    const { value, file, line } = relation;
    const fail = (message: string, cause?: unknown): never => {
      throw new ConfigError(`${key} = ${value}: ${message}`, { line, key, path: file, cause });
    };
    const variable = /^ENV:(.+)$/.exec(value)?.[1];
    const location = variable === undefined ? value : (host.env?.[variable] ?? fail(`${variable} is not set`));
    const [, kind, path] = /^(FILE|DIR):(.+)$/.exec(location) ?? fail("expected FILE:path, DIR:path or ENV:variable");
    const files = host.files ?? fail("this host has no files: give the option `trustAnchors`");
    const paths = kind === "FILE" ? [path as string] : await filesIn(path as string, files);
    let count = 0;
    for (const one of paths ?? fail("there is no such directory")) {
      const text = await readText(one, files).catch((cause: unknown) => fail("cannot be read", cause));
      if (text === undefined && kind === "FILE") fail("there is no such file");
      if (text?.includes("-----BEGIN CERTIFICATE-----") !== true) continue;
      count += 1;
      found.push(text);
      if (found.reduce((sum, { length }) => sum + length, 0) > MAX_TOTAL_CHARACTERS) fail("too many certificates");
    }
    if (count === 0) fail("it holds no PEM certificate");
  }
  return found;
}

async function filesIn(path: string, files: NonNullable<AnchorHost["files"]>): Promise<readonly string[] | undefined> {
  const names = await files.list(path);
  if (names === undefined) return undefined;
  const folder = trimEndOf(path, "/");
  const found: string[] = [];
  for (const name of [...names].sort().slice(0, MAX_FILES)) {
    const file = `${folder}/${name}`;
    if (!name.startsWith(".") && (await files.stat(file))?.kind === "file") found.push(file);
  }
  return found;
}

async function readText(path: string, files: NonNullable<AnchorHost["files"]>): Promise<string | undefined> {
  const octets = await files.read(path, { maxBytes: MAX_FILE_BYTES });
  return octets === undefined ? undefined : decodeText(octets);
}
