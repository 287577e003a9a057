import type { Group } from "./group.ts";

/** Every group, loaded when first asked for: most programs meet no KDC that wants one. */
export async function loadGroups(): Promise<readonly Group[]> {
  return (await import("./groups.ts")).groups;
}
