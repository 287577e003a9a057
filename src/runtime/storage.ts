import type { Runtime } from "../host/index.ts";
import { denoFiles } from "./deno-files.ts";
import { denied, isGranted } from "./deno-permissions.ts";
import { effectiveUser, nodeFiles } from "./node-files.ts";
import { connectUnix } from "./node-unix.ts";
import { hostKind } from "./which.ts";

/** What of a host keytabs and caches are kept in. */
export type Storage = Pick<Runtime, "files" | "connectUnix">;

/** Of Node, and of hosts that have its modules. */
export const nodeStorage: Storage = { connectUnix, files: () => nodeFiles() };

/** Of Deno, with its permissions asked first. */
export const denoStorage: Storage = {
  async connectUnix(path, options) {
    const isOpen = isGranted({ name: "net", host: `unix:${path}` });
    if (!isOpen || !isGranted({ name: "read", path }) || !isGranted({ name: "write", path })) {
      throw denied(`connect to ${path}`, `--allow-net=unix:${path} --allow-read=${path} --allow-write=${path}`);
    }
    return connectUnix(path, options);
  },
  files: () =>
    denoFiles(nodeFiles(undefined, () => (isGranted({ name: "sys", kind: "uid" }) ? effectiveUser() : undefined))),
};

/** The storage of the host that runs this: {@link detectRuntime} without all else. */
export function storageHost(): Storage {
  switch (hostKind()) {
    case "deno":
      return denoStorage;
    case "bun":
    case "node":
      return nodeStorage;
    default:
      return {};
  }
}
