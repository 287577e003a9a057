// require() of one subpath: node require-one.cjs krb5-remctl/lean. One line of JSON: the names of what it exports.

const exported = require(process.argv[2]);
const names = Object.entries(exported).map(([name, value]) => [name, typeof value === "function" ? value.name : ""]);
console.log(JSON.stringify(Object.fromEntries(names)));
