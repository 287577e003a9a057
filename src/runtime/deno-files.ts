import type { Files } from "../host/index.ts";
import { denied, isGranted } from "./deno-permissions.ts";
import { nodeFiles } from "./node-files.ts";

/**
 * {@link Files} as far as Deno's permissions go: a path that may not be read is not there, one that may not be written
 * says so.
 */
export function denoFiles(files: Files = nodeFiles()): Files {
  const ifReadable = async <T>(path: string, look: () => Promise<T>): Promise<T | undefined> =>
    isGranted({ name: "read", path }) ? look() : undefined;
  const mayWrite = (...paths: readonly string[]): void => {
    for (const path of paths) {
      for (const name of ["read", "write"] as const) {
        if (!isGranted({ name, path })) throw denied(`change ${path}`, `--allow-${name}=${path}`);
      }
    }
  };
  return {
    ...(files.uid === undefined ? {} : { uid: files.uid }),
    read: (path, options) => ifReadable(path, () => files.read(path, options)),
    stat: (path) => ifReadable(path, () => files.stat(path)),
    list: (path) => ifReadable(path, () => files.list(path)),
    realPath: async (path) => (await ifReadable(path, async () => files.realPath?.(path))) ?? path,
    async writeExclusive(path, octets, options) {
      mayWrite(path);
      await files.writeExclusive(path, octets, options);
    },
    async rename(from, to) {
      mayWrite(from, to);
      await files.rename(from, to);
    },
    async append(path, octets, options) {
      mayWrite(path);
      return files.append(path, octets, options);
    },
    async overwrite(path, offset, expected, octets, options) {
      mayWrite(path);
      return files.overwrite(path, offset, expected, octets, options);
    },
    async remove(path) {
      mayWrite(path);
      return files.remove(path);
    },
    async erase(path) {
      mayWrite(path);
      return files.erase(path);
    },
    async makeDirectory(path, options) {
      mayWrite(path);
      return files.makeDirectory(path, options);
    },
  };
}
