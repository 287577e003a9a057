// Apache with mod_auth_gssapi: HTTP and HTTPS at loopback ports.

import fs from "node:fs";
import path from "node:path";
import { ensurePeers } from "../peers/index.mjs";
import { makeCertificates } from "./certificates.mjs";
import { acceptsTcp, freePort, makeFolder, readIfThere, removeFolder, startDaemon, waitUntil } from "./process.mjs";

/**
 * @typedef {object} Apache
 * @property {string} url http://localhost:PORT. `/` is open; `/private/` wants a token for each request, `/bound/` one
 *   for each connection, `/delegated/` keeps what is delegated, `/moved/` leads to `/private/`; `/negotiated/` takes krb5
 *   alone, in as many steps as it takes
 * @property {string} tlsUrl https://localhost:PORT, with the same
 * @property {string} ca path of the CA's certificate
 * @property {string} certificate path of the server's certificate
 * @property {string} key path of its key
 * @property {() => string[]} delegated names of the caches of delegated tickets
 * @property {() => string} logs
 * @property {() => Promise<void>} close
 */

/**
 * Starts Apache with the keys of HTTP/localhost of a realm bed. Takes half a second. With `behind`, what is below
 * `/private/behind/` is the server's at that port of 127.0.0.1. `env` is for more mechanisms: that of `ntlmEnv`.
 * @param {{ bed: { krb5Conf: string, keytab: { service: string } }, behind?: number, env?: Record<string, string> }} options
 * @returns {Promise<Apache>}
 */
export async function startApache({ bed, behind, env: more = {} }) {
  const { apache, mit } = await ensurePeers(["apache", "mit"]);
  if (!apache.available) throw new Error(`Apache needs Debian's packages: ${apache.reason}`);
  const dir = makeFolder("apache");
  const file = (/** @type {string} */ name) => path.join(dir, name);
  const certificates = await makeCertificates(apache, dir);
  const modules = path.dirname(apache.find("lib/apache2/modules/mod_auth_gssapi.so") ?? "");
  fs.copyFileSync(bed.krb5Conf, file("krb5.conf"));
  fs.copyFileSync(bed.keytab.service, file("keytab"));
  fs.mkdirSync(file("caches"));
  for (const folder of ["", "private", "bound", "delegated", "negotiated"]) {
    fs.mkdirSync(file(`www/${folder}`), { recursive: true });
    fs.writeFileSync(file(`www/${folder}/index.html`), `hello ${folder}\n`);
  }
  // Apache's children are another user, where root starts it.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    fs.chmodSync(dir, 0o711);
    fs.chmodSync(file("keytab"), 0o644);
    fs.chmodSync(file("caches"), 0o777);
  }
  const location = (/** @type {string} */ at, /** @type {string} */ more) => `<Location /${at}>
 AuthType GSSAPI
 AuthName realm
 GssapiCredStore keytab:${file("keytab")}
 Require valid-user
 Header always set X-Remote-User expr=%{REMOTE_USER}
 ${more}
</Location>
`;
  const names = [
    "mpm_event",
    "authn_core",
    "authz_core",
    "authz_user",
    "headers",
    "dir",
    "alias",
    "ssl",
    "auth_gssapi",
    ...(behind === undefined ? [] : ["proxy", "proxy_http"]),
  ];
  for (let attempt = 1; ; attempt++) {
    const [port, tlsPort] = [await freePort(), await freePort()];
    fs.writeFileSync(
      file("httpd.conf"),
      `ServerRoot ${dir}
PidFile ${file("httpd.pid")}
Mutex pthread
ServerName localhost
Listen 127.0.0.1:${port}
Listen 127.0.0.1:${tlsPort} https
${isRoot ? "User www-data\nGroup www-data\n" : ""}ErrorLog ${file("error.log")}
LogLevel info
StartServers 1
ThreadsPerChild 32
MinSpareThreads 8
MaxSpareThreads 32
MaxRequestWorkers 32
${names.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so\n`).join("")}DocumentRoot ${file("www")}
DirectoryIndex index.html
<Directory ${file("www")}>
 Require all granted
</Directory>
Redirect /moved/ /private/
${behind === undefined ? "" : `ProxyPreserveHost On\nProxyPass /private/behind/ http://127.0.0.1:${behind}/\n`}${location("private", "")}${location("bound", "GssapiConnectionBound On")}${location("negotiated", "GssapiConnectionBound On\n GssapiAllowedMech krb5")}${location("delegated", `GssapiDelegCcacheDir ${file("caches")}`)}<VirtualHost 127.0.0.1:${tlsPort}>
 SSLEngine on
 SSLCertificateFile ${certificates.certificate}
 SSLCertificateKeyFile ${certificates.key}
</VirtualHost>
`,
    );
    const libraries = [apache.env.LD_LIBRARY_PATH ?? mit.env.LD_LIBRARY_PATH, more.LD_LIBRARY_PATH]
      .filter(Boolean)
      .join(":");
    const env = {
      ...mit.env,
      ...apache.env,
      ...more,
      LD_LIBRARY_PATH: libraries,
      KRB5_CONFIG: file("krb5.conf"),
      KRB5RCACHETYPE: "none",
    };
    const args = ["-f", file("httpd.conf"), "-DFOREGROUND"];
    const daemon = startDaemon(apache.bin("apache2"), args, { env, cwd: dir });
    const logs = () => `${daemon.output()}\n${readIfThere(file("error.log"))}`;
    try {
      await waitUntil(daemon, "Apache", async () => (await acceptsTcp(port)) && (await acceptsTcp(tlsPort)));
    } catch (error) {
      await daemon.stop();
      if (attempt < 3 && /in use/.test(logs())) continue;
      const said = logs();
      removeFolder(dir);
      throw new Error(`${error instanceof Error ? error.message : error}\n${said}`);
    }
    return {
      url: `http://localhost:${port}`,
      tlsUrl: `https://localhost:${tlsPort}`,
      ...certificates,
      delegated: () => fs.readdirSync(file("caches")),
      logs,
      close: async () => {
        await daemon.stop();
        removeFolder(dir);
      },
    };
  }
}
