// Whose file and directory may be used by whom: each question of CC13 and CC14 by itself, with the answer beside it.

import { describe, expect, it } from "vitest";
import { checkDirectory, checkReadable, checkWritable } from "../../../src/credentials/ccache/file-trust.ts";
import type { OpenedFile } from "../../../src/host/index.ts";

const ME = { uid: 1000 };
const TMP = { mode: 0o1777, uid: 0 };
const HOME = { mode: 0o755, uid: 1000 };
const file = (over: Partial<OpenedFile> = {}): OpenedFile =>
  ({ kind: "file", mode: 0o600, uid: 1000, directory: TMP, ...over }) as OpenedFile;

describe("a file that is written to (CC13)", () => {
  it.each<[string, Partial<OpenedFile>, Parameters<typeof checkWritable>[2], string | undefined]>([
    ["one's own", {}, ME, undefined],
    ["that of a sidecar that is trusted", { uid: 7 }, { uid: 1000, trustOwner: 7 }, undefined],
    ["another's", { uid: 7 }, ME, "it belongs to user 7, and this program is user 1000"],
    ["another's, where a third is trusted", { uid: 8 }, { uid: 1000, trustOwner: 7 }, "it belongs to user 8"],
    ["root's", { uid: 0 }, ME, "it belongs to user 0"],
    ["another's, to root", { uid: 7 }, { uid: 0 }, "it belongs to user 7"],
    ["one that the group may write", { mode: 0o620 }, ME, "others may write it (mode 620)"],
    ["one that all may write", { mode: 0o602 }, ME, "others may write it (mode 602)"],
    ["one that all may read", { mode: 0o644 }, ME, undefined],
    ["a directory", { kind: "directory" } as never, ME, "it is not a file"],
    [
      "a directory, where the host has no users",
      { kind: "directory" } as never,
      { uid: undefined },
      "it is not a file",
    ],
    ["another's, where the host has no users", { uid: 7, mode: 0o666 }, { uid: undefined }, undefined],
    ["one without an owner", { uid: undefined as never, mode: 0o666 }, ME, undefined],
    ["one without a mode", { mode: undefined as never, uid: 7 }, ME, undefined],
  ])("%s", (_, over, user, refusal) => {
    const check = (): void => checkWritable("FILE:/c", file(over), user);
    if (refusal === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(refusal);
  });
});

describe("a file that is read (CC14)", () => {
  const link = (uid: number, directory = TMP) => ({ link: { uid, directory } }) as Partial<OpenedFile>;
  it.each<[string, Partial<OpenedFile>, Parameters<typeof checkReadable>[2], string | undefined]>([
    ["one's own in /tmp", {}, ME, undefined],
    ["another's in /tmp", { uid: 7 }, ME, "it belongs to user 7 in a directory where anybody may put a file"],
    ["another's in /tmp, to root", { uid: 7 }, { uid: 0 }, undefined],
    ["another's in /tmp, where the host has no users", { uid: 7 }, { uid: undefined }, undefined],
    ["that of the directory's owner", { uid: 0 }, ME, undefined],
    ["that of a sidecar that is trusted", { uid: 7 }, { uid: 1000, trustOwner: 7 }, undefined],
    ["another's in one's own directory", { uid: 7, directory: HOME }, ME, undefined],
    ["another's in a sticky directory of few", { uid: 7, directory: { mode: 0o1755, uid: 0 } }, ME, undefined],
    [
      "another's in a directory of all that is not sticky",
      { uid: 7, directory: { mode: 0o777, uid: 0 } },
      ME,
      undefined,
    ],
    ["another's in a directory without a mode", { uid: 7, directory: { uid: 0 } as never }, ME, undefined],
    ["another's in a directory that is not known", { uid: 7, directory: undefined as never }, ME, undefined],
    ["one without an owner", { uid: undefined as never }, ME, undefined],
    ["behind one's own link", link(1000), ME, undefined],
    ["behind another's link in /tmp", link(7), ME, "a link of user 7 leads to it, and anybody may put one there"],
    ["behind another's link in one's own directory", link(7, HOME), ME, undefined],
    ["behind a link of the directory's owner", link(0), ME, undefined],
    ["another's behind one's own link", { ...link(1000), uid: 7 }, ME, "it belongs to user 7 in a directory"],
  ])("%s", (_, over, user, refusal) => {
    const check = (): void => checkReadable("FILE:/c", file(over), user);
    if (refusal === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(refusal);
  });
});

describe("the directory of a collection (CC13)", () => {
  it.each<[string, Parameters<typeof checkDirectory>[1], Parameters<typeof checkDirectory>[2], string | undefined]>([
    ["one's own", { mode: 0o700, uid: 1000 }, ME, undefined],
    ["root's", { mode: 0o755, uid: 0 }, ME, undefined],
    ["/tmp", TMP, ME, undefined],
    ["another's, though it be sticky", { mode: 0o1777, uid: 7 }, ME, "its directory belongs to user 7"],
    ["one that the group may write", { mode: 0o720, uid: 1000 }, ME, "others may write to its directory (mode 720)"],
    ["one that all may write", { mode: 0o702, uid: 0 }, ME, "others may write to its directory (mode 702)"],
    ["one that the group may write, and is sticky", { mode: 0o1770, uid: 1000 }, ME, undefined],
  ])("%s", (_, place, user, refusal) => {
    const check = (): void => checkDirectory("DIR:/d", place, user);
    if (refusal === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(refusal);
  });
});
