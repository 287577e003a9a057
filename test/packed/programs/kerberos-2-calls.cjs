// Calls of npm `kerberos` 2, with callbacks and promises, and what each gave: node kerberos-2-calls.cjs MODULE PORT
// At PORT is a SASL server. Prints one line of JSON. Tokens differ each time: of a token its kind is told.

"use strict";

const net = require("node:net");
const [, , name, port] = process.argv;
const kerberos = require(name);
try {
  require("krb5-remctl/kerberos").configure({ passwords: true });
} catch {}

const HTTP = "HTTP@localhost";
const { REALM } = process.env;
const TOKEN = /^[A-Za-z0-9+/]{24,}={0,2}$/;

const shown = (value) => {
  if (value === undefined) return "undefined";
  if (typeof value === "string") return TOKEN.test(value) ? "a token" : value;
  return typeof value === "object" && value !== null ? value.constructor.name : value;
};
const textOf = (error) => (error instanceof Error ? `${error.name}: ${error.message}` : shown(error));

/** What a call with a callback does: it throws, or gives something and calls back, once and later. */
const called = (call) =>
  new Promise((resolve) => {
    let times = 0;
    let isLate = false;
    let gives;
    const done = (...given) => {
      times++;
      const [error, value] = given;
      // Long enough for a second call.
      const tell = () =>
        resolve({ gives: shown(gives), isLate, times, count: given.length, error: textOf(error), value: shown(value) });
      if (times === 1) setTimeout(tell, 20);
    };
    try {
      gives = call(done);
      isLate = times === 0;
    } catch (error) {
      resolve({ throws: textOf(error) });
    }
  });
/** What a call without a callback does. */
const promised = async (call) => {
  try {
    const promise = call();
    if (!(promise instanceof Promise)) return { gives: shown(promise) };
    return await promise.then(
      (value) => ({ fulfils: shown(value) }),
      (error) => ({ rejects: textOf(error) }),
    );
  } catch (error) {
    return { throws: textOf(error) };
  }
};
/** The value itself. */
const resultOf = (call) =>
  new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));

const client = (options = {}) => resultOf((done) => kerberos.initializeClient(HTTP, options, done));
const server = (service = HTTP) => resultOf((done) => kerberos.initializeServer(service, done));
const stateOf = (side) =>
  ["username", "response", "responseConf", "targetName", "contextComplete"].map((one) => shown(side[one]));

async function established(options, service) {
  const [one, other] = [await client(options), await server(service)];
  const states = [stateOf(one), stateOf(other)];
  let token = await resultOf((done) => one.step("", done));
  const tokens = [shown(token)];
  while (token !== null) {
    const answer = await resultOf((done) => other.step(token, done));
    token = answer === null ? null : await resultOf((done) => one.step(answer, done));
    tokens.push(shown(answer), shown(token));
    states.push(stateOf(one), stateOf(other));
  }
  return { one, other, told: { tokens, states } };
}
const wrapped = async (...more) => {
  const { one } = await established();
  return await called((done) => one.wrap("AQAAAA==", ...more, done));
};
const wrappedBytes = async (options) => {
  const { one } = await established();
  return Buffer.from(await resultOf((done) => one.wrap("AQAAAA==", options, done)), "base64").length;
};
const stepOf = async (...given) => {
  const one = await client();
  return await called((done) => one.step(...given, done));
};
const serverStepOf = async (...given) => {
  const one = await server();
  return await called((done) => one.step(...given, done));
};

/** The login of mongodb before 3.6. */
async function mongo(user) {
  const socket = net.connect(Number(port), "127.0.0.1").setEncoding("utf8");
  const messages = socket[Symbol.asyncIterator]();
  let text = "";
  const ask = async (line) => {
    socket.write(`${line}\n`);
    while (!text.includes("\n")) {
      const { value, done } = await messages.next();
      if (done) return undefined;
      text += value;
    }
    const [first, ...rest] = text.split("\n");
    text = rest.join("\n");
    return first;
  };
  try {
    const login = new kerberos.processes.MongoAuthProcess("localhost", 1, "host");
    const told = [await called((done) => login.init(user, null, done))];
    for (let payload = ""; ; ) {
      const [error, value] = await new Promise((resolve) => login.transition(payload, (...given) => resolve(given)));
      told.push([textOf(error), value === true ? value : shown(value)]);
      if (error || value === true) break;
      payload = await ask(value);
      if (payload === undefined) return [...told, "the server went away"];
    }
    return [...told, (await called((done) => login.transition("", done))).error];
  } finally {
    socket.destroy();
  }
}

const calls = {
  names: async () =>
    Object.getOwnPropertyNames(kerberos)
      .filter((one) => one !== "definedNapiVersion")
      .sort(),
  "names that are listed": async () =>
    Object.keys(kerberos)
      .filter((one) => one !== "definedNapiVersion")
      .sort(),
  version: async () => kerberos.version,
  Kerberos: async () => {
    const { Kerberos, processes } = kerberos;
    const kinds = ["initializeClient", "initializeServer", "principalDetails", "checkPassword"].map(
      (one) => typeof Kerberos[one],
    );
    const numbers = Object.entries(kerberos).filter(([, value]) => typeof value === "number");
    return [kinds, numbers.every(([one, value]) => Kerberos[one] === value), Object.keys(processes)];
  },

  "initializeClient(service, {}, done)": () => called((done) => kerberos.initializeClient(HTTP, {}, done)),
  "initializeClient(service, null, done)": () => called((done) => kerberos.initializeClient(HTTP, null, done)),
  "initializeClient(service, undefined, done)": () =>
    called((done) => kerberos.initializeClient(HTTP, undefined, done)),
  "initializeClient(service, done)": () => called((done) => kerberos.initializeClient(HTTP, done)),
  "initializeClient(service)": () => promised(() => kerberos.initializeClient(HTTP)),
  "initializeClient(service, {}, null)": () => promised(() => kerberos.initializeClient(HTTP, {}, null)),
  "initializeClient, SPNEGO": () => called((done) => kerberos.initializeClient(HTTP, { mechOID: 6 }, done)),
  "initializeClient, flags are null": () => called((done) => kerberos.initializeClient(HTTP, { flags: null }, done)),
  "initializeClient, gssFlags are null": () =>
    called((done) => kerberos.initializeClient(HTTP, { gssFlags: null }, done)),
  "initializeClient, user and password are null": () =>
    called((done) => kerberos.initializeClient(HTTP, { user: null, password: null }, done)),
  "initializeClient, a user alone": () => called((done) => kerberos.initializeClient(HTTP, { user: "alice" }, done)),
  "initializeClient, a principal": () =>
    called((done) => kerberos.initializeClient(HTTP, { principal: `bob@${REALM}` }, done)),
  "initializeClient, an unknown principal": () =>
    called((done) => kerberos.initializeClient(HTTP, { principal: `carol@${REALM}` }, done)),
  "initializeClient(3, done)": () => called((done) => kerberos.initializeClient(3, done)),
  "initializeClient(done)": () => called((done) => kerberos.initializeClient(done)),
  "initializeClient(null, {}, done)": () => called((done) => kerberos.initializeClient(null, {}, done)),
  "initializeClient()": () => promised(() => kerberos.initializeClient()),

  "initializeServer(service, done)": () => called((done) => kerberos.initializeServer(HTTP, done)),
  "initializeServer(HTTP, done)": () => called((done) => kerberos.initializeServer("HTTP", done)),
  'initializeServer("", done)': () => called((done) => kerberos.initializeServer("", done)),
  "initializeServer(3, done)": () => called((done) => kerberos.initializeServer(3, done)),
  "initializeServer(unknown, done)": () => called((done) => kerberos.initializeServer("nosuch@localhost", done)),
  "initializeServer(service)": () => promised(() => kerberos.initializeServer(HTTP)),

  exchange: async () => (await established()).told,
  "exchange, SPNEGO": async () => (await established({ mechOID: 6 })).told,
  "exchange, one way": async () => (await established({ flags: 0 })).told,
  "exchange, a server of any host": async () => (await established({}, "HTTP")).told,
  "exchange, a server of anything": async () => (await established({}, "")).told,

  'step("", done)': () => stepOf(""),
  "step(done)": () => stepOf(),
  "step(null, done)": () => stepOf(null),
  "step(5, done)": () => stepOf(5),
  'step("")': async () => {
    const one = await client();
    return await promised(() => one.step(""));
  },
  "step, an unknown service": async () => {
    const one = await resultOf((done) => kerberos.initializeClient("nosuch@localhost", {}, done));
    return [await called((done) => one.step("", done)), stateOf(one)];
  },
  "server: step of an empty text": () => serverStepOf(""),
  "server: step(done)": () => serverStepOf(),
  "server: step of what is no token": () => serverStepOf("bm90IGEgdG9rZW4="),

  "wrap(text, {}, done)": () => wrapped({}),
  "wrap(text, null, done)": () => wrapped(null),
  "wrap(text, undefined, done)": () => wrapped(undefined),
  "wrap(text, done)": () => wrapped(),
  "wrap, a user": () => wrappedBytes({ user: "alice" }),
  "wrap, protect": () => wrappedBytes({ protect: true }),
  "wrap(3, {}, done)": async () => {
    const { one } = await established();
    return await called((done) => one.wrap(3, {}, done));
  },
  "unwrap before the context": async () => {
    const one = await client();
    return await called((done) => one.unwrap("AQAAAA==", done));
  },
  "unwrap of what is no token": async () => {
    const { one } = await established();
    return await called((done) => one.unwrap("AQAAAA==", done));
  },
  "unwrap(done)": async () => {
    const { one } = await established();
    return await called((done) => one.unwrap(done));
  },

  "principalDetails(service, host, done)": () => called((done) => kerberos.principalDetails("HTTP", "localhost", done)),
  "principalDetails, none": () => called((done) => kerberos.principalDetails("HTTP", "nowhere", done)),
  "principalDetails(service, done)": () => called((done) => kerberos.principalDetails("HTTP", done)),
  "principalDetails(service, host)": () => promised(() => kerberos.principalDetails("HTTP", "localhost")),

  "checkPassword(user, password, service, realm, done)": () =>
    called((done) => kerberos.checkPassword("alice", "alice-password", "HTTP/localhost", REALM, done)),
  "checkPassword(user, password, service, done)": () =>
    called((done) => kerberos.checkPassword(`alice@${REALM}`, "alice-password", "HTTP/localhost", done)),
  "checkPassword(user, password, service, null, done)": () =>
    called((done) => kerberos.checkPassword(`alice@${REALM}`, "alice-password", "HTTP/localhost", null, done)),
  "checkPassword, wrong": () =>
    called((done) => kerberos.checkPassword("alice", "wrong", "HTTP/localhost", REALM, done)),
  "checkPassword, unknown": () => called((done) => kerberos.checkPassword("carol", "x", "HTTP/localhost", REALM, done)),
  "checkPassword(user, password, done)": () => called((done) => kerberos.checkPassword("alice", "x", done)),
  "checkPassword(user, password, service, realm)": () =>
    promised(() => kerberos.checkPassword("alice", "alice-password", "HTTP/localhost", REALM)),

  "a callback that throws": () =>
    new Promise((resolve) => {
      process.once("uncaughtException", (error) => resolve(textOf(error)));
      kerberos.initializeClient(HTTP, {}, () => {
        throw new Error("of the callback");
      });
    }),

  "MongoAuthProcess, alice": () => mongo("alice"),
  "MongoAuthProcess, as another": () => mongo("bob"),
  "MongoAuthProcess, its properties": async () =>
    [undefined, {}, { gssapiServiceName: "other" }, { gssapiCanonicalizeHostName: "yes" }].map((options) => {
      const login = new kerberos.processes.MongoAuthProcess("h", 1, undefined, options);
      return [login.host, login.port, login.serviceName, login.canonicalizeHostName];
    }),
  "MongoAuthProcess, an unknown service": async () => {
    const login = new kerberos.processes.MongoAuthProcess("localhost", 1, "nosuch");
    return [
      await called((done) => login.init("alice", null, done)),
      (await called((done) => login.transition("", done))).error,
    ];
  },
};

async function main() {
  const all = {};
  for (const [one, call] of Object.entries(calls)) {
    all[one] = await call().catch((error) => ({ fails: textOf(error) }));
  }
  console.log(JSON.stringify(all));
  process.exit(0);
}
main();
