import { decodeText } from "../bytes/index.ts";
import type { Runtime } from "../host/index.ts";

const path = "/etc/hosts";
const maxBytes = 1_048_576;

/** The addresses that hosts(5) has for a name, in its order; none if the file is missing or cannot be read. */
export async function addressesInHostsFile(host: string, runtime: Runtime): Promise<readonly string[]> {
  const octets = await runtime.files?.().read(path, { maxBytes });
  if (octets === undefined) return [];
  const wanted = host.toLowerCase();
  return decodeText(octets)
    .split("\n")
    .flatMap((line) => {
      const [entry = ""] = line.split("#", 1);
      const [address = "", ...names] = entry.trim().split(/\s+/);
      return names.some((name) => name.toLowerCase() === wanted) ? [address] : [];
    });
}
