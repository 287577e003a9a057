// Programs of the pages that stand in the middle of something: what the reader has already is written before them, nothing in
// them is changed but the names of their world. Against MIT's KDC, kadmind and Debian's remctld.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createClient } from "../../src/entry/index.ts";
import { createRemctlServer } from "../../src/entry/server.ts";
import { createTestRealm } from "../../src/entry/testing.ts";
import {
  freePort,
  makeCertificates,
  PASSWORDS,
  runPage,
  startKdcproxy,
  startMitBed,
  startRemctld,
  startWebsockify,
} from "../../tools/beds/index.mjs";
import { makeFolder, removeFolder } from "../../tools/beds/process.mjs";
import { build } from "../../tools/pack/index.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";
import { type Names, renamed, runProgramFile, usePageProject } from "../support/page-project.ts";
import { programOf, textOf } from "../support/pages.ts";
import { describeRuntimes } from "../support/runtimes.ts";

const TIMEOUT_MS = 60_000;

describe.runIf(wholeTable)("programs of the pages, with what the reader has before them", () => {
  const project = usePageProject("page-programs");

  describeLive("mit", "live", () => {
    const world = useBed(async () => {
      const bed = await startMitBed({
        kadmind: true,
        principals: "addprinc -pw set-by-bob carol\naddprinc -pw set-by-nobody dora",
      });
      const commands: [string, string, string][] = [
        ["account", "show", 'echo "account: $2"'],
        ["account", "list", "echo alice; echo bob"],
        ["log", "follow", "echo a line; echo another >&2; exit 3"],
      ];
      // The ACL has nobody who is there.
      const conf = ["account create /bin/true nobody@NOWHERE.TEST"];
      const remctld = await startRemctld({ bed, commands, conf });
      return { bed, remctld, close: async () => void (await Promise.all([remctld.close(), bed.close()])) };
    });
    const names = (more: Names = []): Names => {
      const { bed, remctld } = world();
      return [
        ...more,
        ["EXAMPLE.ORG", bed.realm],
        ["tcp://kdc1.example.org:88", bed.kdc[0] as string],
        ["udp://kdc2.example.org", bed.kdc[1] as string],
        ['connect("server.example.org")', `connect("localhost", { port: ${remctld.port} })`],
        ['"server.example.org", ["account", "list"]', `"localhost", ["account", "list"], { port: ${remctld.port} }`],
        ["server.example.org", "localhost"],
        ["/etc/http.keytab", bed.keytab.service],
        ["/etc/krb5.keytab", bed.keytab.service],
        ["/etc/robot.keytab", bed.keytab.robot],
        ["www.example.org", "localhost"],
      ];
    };
    const env = (more: NodeJS.ProcessEnv = {}) => ({
      ...process.env,
      KRB5_CONFIG: world().bed.krb5Conf,
      ALICE_PASSWORD: PASSWORDS.alice,
      ...more,
    });
    /** The environment of somebody who ran kinit. */
    const login = async (): Promise<NodeJS.ProcessEnv> => {
      const { env: own } = await world().bed.kinit("alice", { password: PASSWORDS.alice as string });
      const { LD_LIBRARY_PATH: _, ...rest } = own;
      return env(rest);
    };
    const run = async (code: string, options: { env?: NodeJS.ProcessEnv; input?: string } = {}) => {
      const result = await runProgramFile(process.execPath, [project().write(code)], {
        env: options.env ?? env(),
        timeout: TIMEOUT_MS,
        ...(options.input === undefined ? {} : { input: options.input }),
      });
      return result;
    };
    const printed = async (code: string, options: { env?: NodeJS.ProcessEnv; input?: string } = {}) => {
      const { status, stdout, stderr } = await run(code, options);
      expect([status, stderr]).toEqual([0, ""]);
      return stdout;
    };

    it("client: a session, its output as it comes, the exit status", { timeout: TIMEOUT_MS }, async () => {
      const code = renamed(programOf("docs/client.md", '"log", "follow"'), names());
      const before = "const readSecret = async () => process.env.ALICE_PASSWORD;\n";
      const { stdout, stderr } = await run(`${before}${code}console.log("exit", exit);\n`);
      expect([stdout, stderr]).toEqual(["a line\nexit 3\n", "another\n"]);
    });

    it("credentials: each form makes a client", { timeout: TIMEOUT_MS }, async () => {
      const code = renamed(programOf("docs/credentials.md", "fromEnvironment({ principal"), names());
      const before = "const readSecret = async () => process.env.ALICE_PASSWORD;\n";
      // Each client that the page makes gets a ticket where this world has what it names.
      const used = code.replace(
        "createClient(); //",
        "console.log(String((await createClient().getTicket('host/localhost')).client.components)); //",
      );
      expect(await printed(before + used, { env: await login() })).toBe("alice\n");
    });

    it("credentials: what a cache and a keytab hold", { timeout: TIMEOUT_MS }, async () => {
      const own = await login();
      const code = renamed(programOf("docs/credentials.md", 'readKeytabFile("/etc/krb5.keytab")'), [
        ["FILE:/tmp/krb5cc_1000", own.KRB5CCNAME as string],
        ...names(),
      ]);
      const after =
        "console.log(principal.components.join(), credentials.length, config !== undefined, keys.entries.length > 3);\n";
      expect(await printed(code + after, { env: own })).toMatch(/^alice [12] true true\n$/);
    });

    it("errors: a command that the ACL does not allow", { timeout: TIMEOUT_MS }, async () => {
      const code = renamed(programOf("docs/errors.md", "error.commandState"), names());
      const before = `import { createClient } from "krb5-remctl";
const session = await createClient().connect("localhost", { port: ${world().remctld.port} });\n`;
      const shown = code.replace("error.code;", "console.log(error.code, error.commandState);");
      const closed = `${before}${shown}await session.close();\n`;
      expect(await printed(closed, { env: await login() })).toBe("REMCTL_ACCESS_DENIED completed\n");
    });

    it("gssapi: a context with an acceptor in the same program", { timeout: TIMEOUT_MS }, async () => {
      const code = renamed(programOf("docs/gssapi.md", "createInitiator({"), [
        [
          "let token = await context.step();",
          "let token = await context.step();\nconst answer = await acceptor.step(token);",
        ],
        ["const plain =", "const received = acceptor.wrap(acceptor.unwrap(sealed));\nconst plain ="],
        ...names(),
      ]);
      const before = `import { readFileSync } from "node:fs";
import { createClient } from "krb5-remctl";
import { createAcceptor } from "krb5-remctl/gssapi";
const client = createClient();
const octets = new TextEncoder().encode("as it was");
const acceptor = createAcceptor({ keytab: readFileSync(${JSON.stringify(world().bed.keytab.service)}), service: "host" });\n`;
      const after = "console.log(new TextDecoder().decode(plain), token);\n";
      expect(await printed(before + code + after, { env: await login() })).toBe("as it was undefined\n");
    });

    it("spnego: an acceptor says who came", { timeout: TIMEOUT_MS }, async () => {
      const code = renamed(programOf("docs/gssapi.md", "describeToken(received)"), names());
      const before = `import { readFileSync } from "node:fs";
import { createClient } from "krb5-remctl";
import { createSpnegoInitiator } from "krb5-remctl/spnego";
const octets = readFileSync(${JSON.stringify(world().bed.keytab.service)});
const initiator = createSpnegoInitiator({ target: "HTTP@localhost", credential: createClient() });
const received = await initiator.step();
const answer = new Uint8Array(0);\n`;
      expect(await printed(before + code, { env: await login() })).toMatch(/alice[\s\S]* false \S+\n$/);
    });

    it("passwords: one's own, and another's by an administrator", { timeout: TIMEOUT_MS }, async () => {
      const { bed } = world();
      const code = renamed(programOf("docs/passwords.md", "admin.changePassword("), [
        ["alice@EXAMPLE.ORG", `dora@${bed.realm}`],
        ["bob@EXAMPLE.ORG", `carol@${bed.realm}`],
        ["}, kdc });", "}, kdc, kpasswd });"],
        ...names(),
      ]);
      const before = `const kdc = ${JSON.stringify(bed.kdc)};
const kpasswd = ${JSON.stringify(bed.kpasswd)};
const [oldPassword, newPassword, adminPassword] = ["set-by-nobody", "another-password", "admin-password"];\n`;
      expect(await printed(before + code)).toBe("");
      for (const name of ["carol", "dora"]) {
        const credentials = { principal: `${name}@${bed.realm}`, password: "another-password" };
        const client = createClient({ credentials, kdc: bed.kdc });
        expect((await client.getTicket("host/localhost")).client.components).toEqual([name]);
      }
    });

    it.each([
      ["the right one", "alice-password", 0, /^alice@/],
      ["a wrong one", "guessed", 1, /^$/],
    ])("passwords: a person's is checked: %s", { timeout: TIMEOUT_MS }, async (_what, given, status, expected) => {
      const code = renamed(programOf("docs/passwords.md", "verifyPassword("), names());
      const result = await run(`const password = ${JSON.stringify(given)};\n${code}`);
      expect([result.status, result.stdout]).toEqual([status, expect.stringMatching(expected)]);
      expect(result.stderr.includes("WRONG_PASSWORD")).toBe(status === 1);
    });

    it("from npm kerberos: both ends, and a password", { timeout: TIMEOUT_MS }, async () => {
      const { bed } = world();
      const code = renamed(programOf("docs/migrating/npm-kerberos.md", "checkPassword("), names());
      expect(await printed(code, { env: await login() })).toBe(`alice@${bed.realm} true\n`);
    });

    it("troubleshooting: each step as an event", { timeout: TIMEOUT_MS }, async () => {
      const code = renamed(programOf("docs/troubleshooting.md", "onTrace: (event)"), names());
      const { status, stderr } = await run(code, { env: await login() });
      const types = stderr
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).type);
      expect([status, types]).toEqual([0, expect.arrayContaining(["kdc-request", "kdc-reply"])]);
    });

    it("server: a command for who is in its ACL", { timeout: TIMEOUT_MS }, async () => {
      const { bed } = world();
      const port = await freePort();
      const code = renamed(programOf("docs/server.md", "createRemctlServer("), [
        ["0.0.0.0", "127.0.0.1"],
        ["4373", String(port)],
        ...names(),
      ]);
      const before = `import { readFileSync } from "node:fs";
const describe = async (user, { signal }) => \`known: \${new TextDecoder().decode(user)} \${signal.aborted}\\n\`;\n`;
      const file = project().write(`${before}${code}console.log("ready");\n`);
      const server = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
      try {
        await once(server.stdout, "data");
        const as = (user: "alice" | "bob") =>
          createClient({ credentials: { principal: `${user}@${bed.realm}`, password: PASSWORDS[user] }, kdc: bed.kdc });
        const args = ["account", "show", "dora"];
        expect((await as("alice").remctl("localhost", args, { port })).text()).toBe("known: dora false\n");
        await expect(as("bob").remctl("localhost", args, { port })).rejects.toMatchObject({
          code: "REMCTL_ACCESS_DENIED",
        });
      } finally {
        server.kill();
        await once(server, "exit");
      }
    });

    describeRuntimes("through proxies", () => {
      const proxies = useBed(async () => {
        const { bed, remctld } = world();
        const folder = makeFolder("page-programs");
        const tls = await makeCertificates(peers.kdcproxy, folder);
        const kdcproxy = await startKdcproxy({ beds: [bed] });
        const websockify = await startWebsockify({ target: remctld.port, tls });
        const close = async () => {
          await Promise.all([websockify.close(), kdcproxy.close()]);
          removeFolder(folder);
        };
        return { folder, tls, kdcproxy, websockify, close };
      });

      it("edge: a WebSocket and an HTTPS proxy, on Node 22", { timeout: TIMEOUT_MS }, async () => {
        const { bed } = world();
        const { folder, tls, kdcproxy, websockify } = proxies();
        const code = renamed(programOf("docs/edge.md", "webSocketDial("), [
          [`wss://gateway.example.org/tcp?token=\${host}:\${port}`, `${websockify.url}?to=\${host}:\${port}`],
          ["https://proxy.example.org/KdcProxy", kdcproxy.url],
          ['"server.example.org"', '"localhost"'],
        ]);
        const authorities = path.join(folder, "both.pem");
        writeFileSync(authorities, readFileSync(tls.ca, "utf8") + kdcproxy.caPem);
        const before = `import { remctl } from "krb5-remctl";
const credentials = { principal: "alice@${bed.realm}", password: process.env.ALICE_PASSWORD };\n`;
        const file = project().write(`${before}${code}console.log(result.text());\n`);
        const options = { env: env({ NODE_EXTRA_CA_CERTS: authorities, KRB5_CONFIG: "/dev/null" }) };
        const { stdout, stderr } = await runProgramFile(runtimePath("node22"), [file], options);
        expect([stdout, stderr]).toEqual(["alice\nbob\n\n", ""]);
      });

      it("getting started: a page of a browser, with its form", { timeout: 2 * TIMEOUT_MS }, async () => {
        const { bed } = world();
        const { tls, kdcproxy, websockify } = proxies();
        const code = renamed(programOf("docs/getting-started.md", "new FormData("), [
          ["EXAMPLE.ORG", bed.realm],
          ['"https://proxy.example.org/KdcProxy"', "`$" + "{location.origin}/KdcProxy`"],
          ["wss://gateway.example.org/remctl", websockify.url],
          ['"server.example.org"', '"localhost"'],
        ]);
        const [, html = ""] = /```html\n([\s\S]*?)<script/.exec(textOf("docs/getting-started.md")) ?? [];
        const before = `document.body.innerHTML = ${JSON.stringify(html)};\n`;
        const after = `const { passwords } = await (await fetch("/config")).json();
const said = [];
for (const password of passwords) {
  document.querySelector("[name=user]").value = "alice";
  document.querySelector("[name=password]").value = password;
  show("");
  document.querySelector("button").click();
  while (document.querySelector("pre").textContent === "") await new Promise((resolve) => setTimeout(resolve, 20));
  said.push(document.querySelector("pre").textContent);
}
await fetch("/report", { method: "POST", body: JSON.stringify(said) });\n`;
        const file = project().write(before + code + after, "page.js");
        const { outputFiles } = await build({
          entryPoints: [file],
          bundle: true,
          format: "esm",
          conditions: ["browser"],
          external: ["cloudflare:*"],
          write: false,
          logLevel: "error",
        });
        const program = outputFiles?.[0]?.text ?? "";
        const config = { passwords: [PASSWORDS.alice, "a wrong one"] };
        const shown = await runPage({ program, tls, config, kdcproxy, timeoutMs: TIMEOUT_MS });
        expect(shown).toEqual(["alice\nbob\n", expect.stringMatching(/^WRONG_PASSWORD: .*check it/)]);
      });
    }, ["kdcproxy", "websockify", "chromium"]);
  });

  it("delegation: groups of a user, and a command as the user", { timeout: TIMEOUT_MS }, async () => {
    const principals = {
      alice: { password: "secret", sid: "S-1-5-21-1-2-3-1111" },
      "HTTP/localhost": { delegatesTo: ["host/localhost"] },
      "host/localhost": {},
    };
    const realm = await createTestRealm({ realm: "TEST.EXAMPLE", domainSid: "S-1-5-21-1-2-3", principals });
    await realm.listen();
    const users: string[] = [];
    const handler = ({ user }: { readonly user: string }) => users.push(user) - 1;
    const commands = [{ command: "account", subcommand: "show", acl: ["ANYUSER"], handler }];
    const server = createRemctlServer({ keytab: realm.keytab("host/localhost"), commands });
    await server.listen({ host: "127.0.0.1", port: 0 });
    try {
      const { folder, write } = project();
      const file = (name: string, octets: string | Uint8Array): string => {
        writeFileSync(path.join(folder, name), octets);
        return path.join(folder, name);
      };
      const code = renamed(programOf("docs/delegation.md", "context.sids"), [
        ["/etc/krb5.keytab", file("http.keytab", realm.keytab("HTTP/localhost"))],
        ["HTTP/www.example.org@EXAMPLE.ORG", "HTTP/localhost@TEST.EXAMPLE"],
        ['"server.example.org", ["account", "show"]', `"localhost", ["account", "show"], { port: ${server.port} }`],
      ]);
      const before = `import { readFileSync } from "node:fs";
import { createInitiator } from "krb5-remctl/gssapi";
const alice = createClient({ credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" }, forwardable: true });
const initiator = createInitiator({ target: "HTTP@localhost", credential: alice });
const receive = () => initiator.step();
const send = (token) => initiator.step(token);\n`;
      const env = { ...process.env, KRB5_CONFIG: file("krb5.conf", realm.krb5Conf()) };
      const { stdout, stderr } = await runProgramFile(process.execPath, [write(before + code)], { env });
      expect([stdout, stderr]).toEqual([expect.stringContaining("S-1-5-21-1-2-3-1111"), ""]);
      expect(users).toEqual(["alice@TEST.EXAMPLE"]);
    } finally {
      await Promise.all([server.close(), realm.close()]);
    }
  });
});
