import { readFile } from "node:fs/promises";

/** The version of this package, or `unknown` where its package.json is not beside it (in a single executable). */
export async function version(): Promise<string> {
  try {
    const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
    return String((JSON.parse(text) as { version?: unknown }).version);
  } catch {
    return "unknown";
  }
}
