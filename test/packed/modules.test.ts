// `npm run build -- --modules DIR`: a file a module, for programs that look inside, wherever DIR is.

import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeFolder, removeFolder } from "../../tools/beds/process.mjs";
import { ROOT } from "../../tools/bootstrap.mjs";
import { libraryEntries } from "../../tools/pack/entries.mjs";

const run = promisify(execFile);
let folder: string;
const modules = (...names: string[]) => path.join(folder, "modules", ...names);

beforeAll(async () => {
  folder = makeFolder("modules");
  await run(process.execPath, [path.join(ROOT, "tools/pack/build.mjs"), "--modules", modules()], { cwd: folder });
}, 120_000);
afterAll(() => removeFolder(folder));

it("has each entry, each source as a file, and no chunk", () => {
  for (const { name } of libraryEntries()) expect(fs.existsSync(modules(`${name}.js`)), name).toBe(true);
  const sources = fs.readdirSync(path.join(ROOT, "src"), { recursive: true, encoding: "utf8" });
  const built = new Set(fs.readdirSync(modules(), { recursive: true, encoding: "utf8" }));
  for (const source of sources.filter((file) => file.endsWith(".ts"))) {
    expect(built).toContain(source.replace(/\.ts$/, ".js"));
  }
  expect(built).not.toContain("chunks");
});

it("runs a program that mixes what is published with what is inside", async () => {
  // As an attacker's program does: entries for the ends, the insides for the messages between them.
  const program = `
    const { createTestRealm } = await import(DIST + "/entry/testing.js");
    const { createClient } = await import(DIST + "/entry/index.js");
    const { createAcceptor, createInitiator } = await import(DIST + "/entry/gssapi.js");
    const { decodeContextToken, encodeContextToken } = await import(DIST + "/gssapi/framing.js");
    const { decodeApReq, encodeApReq } = await import(DIST + "/krb5/index.js");
    const { decodeTicket, encodeTicket } = await import(DIST + "/krb5/messages/index.js");
    const realm = await createTestRealm({
      realm: "R.TEST",
      principals: { alice: { password: "pw" }, "host/srv.test": {} },
    });
    const client = createClient({
      kdc: realm.kdc,
      dial: realm.dial,
      credentials: { principal: "alice@R.TEST", password: "pw" },
    });
    const token = await createInitiator({ target: "host/srv.test@R.TEST", credential: client }).step();
    const { tokenId, message } = decodeContextToken(token);
    const apReq = decodeApReq(message);
    const same = encodeContextToken(tokenId, encodeApReq({ ...apReq, pvno: 5, msgType: 14 }));
    const acceptor = createAcceptor({ keytab: realm.keytab("host/srv.test") });
    await acceptor.step(same);
    console.log(acceptor.peer.components.join("/"), typeof decodeTicket, typeof encodeTicket);
    await realm.close();`;
  fs.writeFileSync(path.join(folder, "program.mjs"), `const DIST = ${JSON.stringify(modules())};${program}`);
  const { stdout } = await run(process.execPath, [path.join(folder, "program.mjs")]);
  expect(stdout).toBe("alice function function\n");
});
