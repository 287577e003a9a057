// What an import loads: node count.mjs krb5-remctl/lean. One line of JSON: the files, and the host's own modules.

import { registerHooks } from "node:module";

const files = [];
registerHooks({
  load(url, context, next) {
    if (url.startsWith("file:")) files.push(url);
    return next(url, context);
  },
});
// What importing anything at all loads.
await import("data:text/javascript,");
const before = new Set(process.moduleLoadList);
await import(process.argv[2]);
const builtins = process.moduleLoadList.filter((name) => !before.has(name));
console.log(JSON.stringify({ files, builtins }));
