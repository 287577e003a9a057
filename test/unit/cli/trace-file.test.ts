import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { installCli } from "../../support/cli.ts";
import { describeUnless } from "../../support/live.ts";

const NOBODY = 65_534;
const NOISE = "trace-file-test";
const needsRoot = process.getuid?.() === 0 ? "" : "only root can try it as another user";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-trace-"));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));
const home = path.join(root, "home");
let shared: string;
let bin: string;

beforeAll(async () => {
  fs.chmodSync(root, 0o755);
  bin = await installCli(root);
  fs.mkdirSync(home);
  fs.chownSync(home, NOBODY, NOBODY);
  // A value that is not one is a line of the trace.
  fs.writeFileSync(path.join(root, "krb5.conf"), `[libdefaults]\n default_realm = R\n forwardable = ${NOISE}\n`);
});

beforeEach(() => {
  shared = fs.mkdtempSync(path.join(root, "shared-"));
  fs.chmodSync(shared, 0o1777);
});

const env = (trace: string) => ({ ...process.env, KRB5_CONFIG: path.join(root, "krb5.conf"), KRB5_TRACE: trace });
const as = (uid: number) => ({ uid, gid: uid });

/** Runs a command that leaves a line in the trace, and fails. */
function traced(trace: string, uid: number): void {
  try {
    execFileSync(path.join(bin, "klist"), ["-c", `FILE:${root}/none`], {
      env: env(trace),
      ...as(uid),
      stdio: "ignore",
      timeout: 20_000,
    });
  } catch (error) {
    expect((error as { status: number }).status).toBe(1);
  }
}

describeUnless(needsRoot, "the file of KRB5_TRACE, tried as an unprivileged user", () => {
  it("is made, is added to, and is followed to in directories of one's own", () => {
    const file = path.join(shared, "trace");
    traced(file, NOBODY);
    expect(fs.statSync(file)).toMatchObject({ uid: NOBODY, mode: 0o100600 });
    const once_ = fs.readFileSync(file, "utf8");
    expect(once_).toContain(NOISE);
    traced(file, NOBODY);
    expect(fs.readFileSync(file, "utf8").length).toBe(2 * once_.length);
    const link = path.join(home, "link");
    fs.symlinkSync(file, link);
    fs.lchownSync(link, NOBODY, NOBODY);
    traced(link, NOBODY);
    expect(fs.readFileSync(file, "utf8").length).toBe(3 * once_.length);
  });

  it.each([
    ["an unprivileged user", NOBODY, 1001],
    ["root", 0, NOBODY],
  ])("CL18: a link of another user is not followed by %s, to a file or to none", (_, victim, attacker) => {
    const own = path.join(home, `own-${victim}`);
    fs.writeFileSync(own, "mine\n", { mode: 0o600 });
    fs.chownSync(own, victim, victim);
    for (const target of [own, path.join(home, `new-${victim}`)]) {
      const link = path.join(shared, `to-${path.basename(target)}`);
      fs.symlinkSync(target, link);
      fs.lchownSync(link, attacker, attacker);
      traced(link, victim);
    }
    expect(fs.readFileSync(own, "utf8")).toBe("mine\n");
    expect(fs.existsSync(path.join(home, `new-${victim}`))).toBe(false);
  });

  it("CL18: a file of another user gets nothing, nor one with a second name, nor a pipe", () => {
    const planted = path.join(shared, "planted");
    fs.writeFileSync(planted, "");
    fs.chmodSync(planted, 0o666);
    fs.chownSync(planted, 1001, 1001);
    const own = path.join(home, "second");
    fs.writeFileSync(own, "mine\n");
    fs.chownSync(own, NOBODY, NOBODY);
    const hard = path.join(shared, "hard");
    fs.linkSync(own, hard);
    const pipe = path.join(shared, "pipe");
    execFileSync("mkfifo", ["-m", "666", pipe]);
    fs.chownSync(pipe, 1001, 1001);
    for (const file of [planted, hard, pipe]) traced(file, NOBODY);
    expect(fs.readFileSync(planted, "utf8")).toBe("");
    expect(fs.readFileSync(own, "utf8")).toBe("mine\n");
  });

  it("is a pipe, where the shell makes one", async () => {
    const command = `KRB5_TRACE=>(cat >&3) exec klist -c FILE:${root}/none`;
    const child = spawn("bash", ["-c", `${command} 2>/dev/null; wait`], {
      env: { ...env(""), PATH: `${bin}:${process.env.PATH}` },
      ...as(NOBODY),
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    });
    let text = "";
    child.stdio[3]?.on("data", (octets: Buffer) => {
      text += octets.toString();
    });
    await once(child, "close");
    expect(text).toContain(NOISE);
  });
});
