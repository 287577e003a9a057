// What a program loads of Node's own modules: node --require builtins.cjs PROGRAM. The last line of standard error, as JSON.

const { writeSync } = require("node:fs");

const before = new Set(process.moduleLoadList);
process.on("exit", () => {
  const loaded = process.moduleLoadList.filter((name) => name.startsWith("NativeModule ") && !before.has(name));
  writeSync(2, `\n${JSON.stringify(loaded.map((name) => name.slice("NativeModule ".length)))}`);
});
