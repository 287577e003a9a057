// Packages of a later Debian than the machine's, in a tree that has all that they need, the C library too. Their programs
// run by the loader of the tree, each behind a script of a few lines: nothing of the system is loaded, or changed.

import fs from "node:fs";
import path from "node:path";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Dependencies of packages that configure a machine, or resolve names: no program of a bed loads them. */
const NOT_LOADED =
  /^(bind9-.*|systemd.*|libsystemd-shared|debconf|gcc-.*-base|krb5-config|libc-gconv-.*|libxml2.*|libjemalloc2|libfstrm0|libmaxminddb0|libprotobuf-c1|liburcu.*|libuv1.*|libjson-c5|libblkid1|libmount1)$/;

/** @typedef {(args: string[], cwd: string) => Promise<string>} Apt */

/**
 * apt's options for a suite of the mirror that the system uses, whose lists it fetches; the system's are not touched.
 * @param {string} suite @param {string} folder @param {Apt} apt
 */
export async function suiteOptions(suite, folder, apt) {
  const targets = await apt(
    ["indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages", "Component: main"],
    folder,
  );
  // Not the updates of a release, nor its fixes of security: those are of that release alone.
  const uri = targets
    .split("\n")
    .find((line) => /^[a-z]+ \S+\/debian\/?$/.test(line))
    ?.split(" ")[1];
  if (uri === undefined) throw new Error(`apt knows no mirror of Debian to take the suite ${suite} from`);
  for (const name of ["lists/partial", "cache/archives/partial"]) {
    fs.mkdirSync(path.join(folder, name), { recursive: true });
  }
  const signed = fs.existsSync(KEYRING) ? `Signed-By: ${KEYRING}\n` : "";
  fs.writeFileSync(
    path.join(folder, "suite.sources"),
    `Types: deb\nURIs: ${uri}\nSuites: ${suite}\nComponents: main\n${signed}`,
  );
  // Nothing is installed there: every package is needed.
  fs.writeFileSync(path.join(folder, "status"), "");
  const options = [
    `Dir::State=${folder}`,
    `Dir::State::lists=${folder}/lists`,
    `Dir::State::status=${folder}/status`,
    `Dir::Cache=${folder}/cache`,
    `Dir::Etc::sourcelist=${folder}/suite.sources`,
    "Dir::Etc::sourceparts=/nonexistent",
  ].flatMap((option) => ["-o", option]);
  await apt(["update", "-qq", ...options], folder);
  return options;
}

/**
 * Which of the packages of a plan are loaded by programs.
 * @param {string} name @param {string[]} asked
 */
export function isLoaded(name, asked) {
  return asked.includes(name) || !NOT_LOADED.test(name);
}

/**
 * Writes a script for each program, into the folder `run` of the tree, which may be moved as a whole.
 * @param {string} tree @param {string[]} programs
 */
export function writeRunners(tree, programs) {
  const { loader, libraries } = loaderOf(tree);
  fs.mkdirSync(path.join(tree, "run"));
  for (const program of programs) {
    const file = find(tree, ["usr/bin", "usr/sbin"], new RegExp(`^${program.replaceAll(".", "\\.")}(\\.mit)?$`));
    const script = [
      "#!/bin/sh",
      `tree="\${0%/*}/.."`,
      `export OPENSSL_MODULES="$tree/${libraries[0]}/ossl-modules"`,
      `exec "$tree/${loader}" --library-path "${libraries.map((one) => `$tree/${one}`).join(":")}" "$tree/${file}" "$@"`,
    ];
    fs.writeFileSync(path.join(tree, "run", program), `${script.join("\n")}\n`, { mode: 0o755 });
  }
}

/** The loader of a tree and its folders of libraries, below the tree. @param {string} tree */
export function loaderOf(tree) {
  const loader = find(tree, ["usr/lib64", "lib64", "usr/lib"], /^ld-linux-.*\.so\.\d+$/);
  const libraries = fs
    .readdirSync(path.join(tree, "usr/lib"))
    .filter((name) => name.includes("-linux-"))
    .map((name) => `usr/lib/${name}`);
  return { loader, libraries };
}

/** @param {string} tree @param {string[]} folders @param {RegExp} name @returns {string} below the tree */
function find(tree, folders, name) {
  for (const folder of folders) {
    const full = path.join(tree, folder);
    const found = fs.existsSync(full) && fs.readdirSync(full).find((one) => name.test(one));
    if (found) return `${folder}/${found}`;
  }
  throw new Error(`the packages have no file like ${name.source} in ${folders.join(", ")}`);
}
