// A process with an @edge-runtime/vm in it: evaluates the script that is named, and prints the global promise `report` as JSON.
// Arguments: the VM's module, the script, and JSON that the script finds as the global `config`.

import fs from "node:fs";

const [vmModule, script, config = "null"] = process.argv.slice(2);
const { EdgeVM } = await import(/** @type {string} */ (vmModule));
const vm = new EdgeVM({
  extend: (/** @type {object} */ context) =>
    // The VM has none; the hosts that it stands for have.
    Object.assign(context, { config: JSON.parse(config), WebSocket: globalThis.WebSocket }),
});
vm.evaluate(fs.readFileSync(/** @type {string} */ (script), "utf8"));
console.log(JSON.stringify(await vm.context.report));
