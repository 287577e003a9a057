import type { Stats } from "node:fs";
import { dirname } from "node:path";
import type { TraceListener } from "../trace.ts";
import { formatTraceEvent } from "./trace-lines.ts";

// As in code-cache.ts.
const { constants, fstatSync, lstatSync, openSync, realpathSync, statSync, writeSync } =
  process.getBuiltinModule("node:fs");

/** A directory where anybody may put a file, and nobody may remove another's. */
const STICKY_FOR_ALL = 0o1002;

/**
 * What `KRB5_TRACE` names: `/dev/stderr`, `/dev/stdout`, or a file that is added to, made with mode 0600. Undefined, as
 * with libkrb5, if it cannot be opened.
 */
export function traceToFile(path: string): TraceListener | undefined {
  const fd = descriptorOf(path);
  if (fd === undefined) return undefined;
  return (event) => {
    writeSync(fd, `[${process.pid}] ${(event.at / 1000).toFixed(6)}: ${formatTraceEvent(event)}\n`);
  };
}

function descriptorOf(path: string): number | undefined {
  if (path === "/dev/stdout") return 1;
  if (path === "/dev/stderr") return 2;
  try {
    return openToAdd(path);
  } catch {
    return undefined;
  }
}

/**
 * Rule CL18: in a directory like /tmp, anybody could have put the file, or a link to one of this user's, at a path that
 * is known beforehand. Root is not let off: its trace would belong to who put the file there.
 */
function openToAdd(path: string): number {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const link = lstatSync(path, { throwIfNoEntry: false });
  const isLink = link?.isSymbolicLink() === true;
  if (isLink && isPlanted(link, dirname(path))) throw new Error("a link of another user");
  const there = statSync(path, { throwIfNoEntry: false });
  if (there !== undefined) requireTrusted(path, there);
  // Between the look and the opening somebody could put a link or a pipe there.
  const guards = (isLink ? 0 : O_NOFOLLOW) | (there?.isFile() === false ? 0 : O_NONBLOCK);
  const fd = openSync(path, O_WRONLY | O_CREAT | O_APPEND | guards, 0o600);
  requireTrusted(path, fstatSync(fd));
  return fd;
}

function requireTrusted(path: string, status: Stats): void {
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    // A pipe of this process, as /dev/fd/63 leads to: it has no directory.
    return;
  }
  if (isPlanted(status, dirname(real))) throw new Error("a file of another user");
}

/** Whether another user may have put it there; a second name in such a directory may lead to a file of this user's. */
function isPlanted({ uid, nlink }: Stats, directory: string): boolean {
  const own = process.geteuid?.();
  if (own === undefined) return false;
  const place = statSync(directory);
  if ((place.mode & STICKY_FOR_ALL) !== STICKY_FOR_ALL) return false;
  return nlink > 1 || (uid !== own && uid !== place.uid);
}
