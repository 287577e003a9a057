// Every call of npm `kerberos`, and what it gave: node kerberos-calls.cjs CLIENT SERVER PORT
// CLIENT and SERVER are the modules whose sides talk to each other; at PORT is a SASL server. Prints one line of JSON: what each
// call gave, by name. Tokens differ each time: of a token its kind is told.

"use strict";

const net = require("node:net");
const [, , clientModule, serverModule, port] = process.argv;
const ours = require(clientModule);
const theirs = require(serverModule);
if (typeof ours.configure === "function") ours.configure({ passwords: true });

const HTTP = "HTTP@localhost";
const { REALM, FOLDER } = process.env;
const { GSS_C_MUTUAL_FLAG, GSS_C_SEQUENCE_FLAG, GSS_C_REPLAY_FLAG, GSS_MECH_OID_SPNEGO, GSS_MECH_OID_KRB5 } = ours;

const kindOf = (text) => (typeof text === "string" && /^[A-Za-z0-9+/]{24,}={0,2}$/.test(text) ? "a token" : text);
const clientState = (client) => [client.username, kindOf(client.response), client.responseConf, client.contextComplete];
const serverState = (server) => [server.username, kindOf(server.response), server.targetName, server.contextComplete];

/** An environment that differs, for one call. libkrb5 reads it for each context. */
async function withEnv(values, body) {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]));
  Object.assign(process.env, values);
  try {
    return await body();
  } finally {
    Object.assign(process.env, before);
  }
}

async function exchange(clientOptions, service = HTTP) {
  const client = await ours.initializeClient(HTTP, clientOptions);
  const server = await theirs.initializeServer(service);
  const states = [clientState(client), serverState(server)];
  let token = await client.step("");
  const given = [kindOf(token)];
  states.push(clientState(client));
  while (token !== null) {
    const answer = await server.step(token);
    given.push(kindOf(answer));
    states.push(serverState(server));
    token = answer === null ? null : await client.step(answer);
    given.push(kindOf(token));
    states.push(clientState(client));
  }
  return { client, server, given, states };
}
const shown = async (...args) => {
  const { given, states } = await exchange(...args);
  return { given, states };
};

/** A whole SASL login: as mongodb does it. */
async function sasl(options) {
  const socket = net.connect(Number(port), "127.0.0.1");
  const messages = socket.setEncoding("utf8")[Symbol.asyncIterator]();
  let text = "";
  const ask = async (line) => {
    socket.write(`${line}\n`);
    while (!text.includes("\n")) {
      const { value, done } = await messages.next();
      if (done) throw new Error("the SASL server went away");
      text += value;
    }
    const [first, ...rest] = text.split("\n");
    text = rest.join("\n");
    return first;
  };
  try {
    const client = await ours.initializeClient("host@localhost", {});
    const states = [];
    let challenge = await ask(await client.step(""));
    while (!client.contextComplete) {
      const token = await client.step(challenge);
      states.push([kindOf(token), ...clientState(client)]);
      challenge = await ask(token ?? "");
    }
    const offer = await client.unwrap(challenge);
    states.push([Buffer.from(offer, "base64").length, client.response === offer, client.responseConf]);
    const reply = await client.wrap(offer, options);
    states.push([Buffer.from(reply, "base64").length, client.response === reply, client.responseConf]);
    return { states, outcome: await ask(reply) };
  } finally {
    socket.destroy();
  }
}

const firstToken = async (service = HTTP) => (await ours.initializeClient(service)).step("");
const client = () => ours.initializeClient(HTTP);
const server = (service = HTTP) => ours.initializeServer(service);

const calls = {
  names: async () => Object.keys(ours).sort(),
  values: async () =>
    Object.entries(ours)
      .filter(([, value]) => typeof value !== "function")
      .sort(),
  definedNapiVersion: async () => ours.definedNapiVersion(),
  "kinds of functions": async () =>
    ["initializeClient", "initializeServer", "principalDetails", "checkPassword"].map((name) => typeof ours[name]),
  "promises of all": async () => [
    ours.initializeClient(HTTP) instanceof Promise,
    ours.initializeServer(HTTP) instanceof Promise,
    ours.principalDetails("HTTP", "localhost") instanceof Promise,
    (await client()).step("") instanceof Promise,
  ],
  classes: async () => [(await client()).constructor.name, (await server()).constructor.name],
  "getters have no setters": async () => {
    const one = await client();
    const all = [];
    for (const name of ["username", "response", "responseConf", "contextComplete"]) {
      try {
        one[name] = 5;
      } catch (error) {
        all.push(error.name);
      }
      all.push(one[name]);
    }
    return all;
  },
  "methods can be replaced": async () => {
    const one = await client();
    one.step = 5;
    return one.step;
  },

  exchange: () => shown({}),
  "exchange without options": () => shown(),
  "exchange, krb5": () => shown({ mechOID: GSS_MECH_OID_KRB5 }),
  "exchange, SPNEGO": () => shown({ mechOID: GSS_MECH_OID_SPNEGO }),
  "exchange, a server of any host": () => shown({}, "HTTP"),
  "exchange, a server of anything": () => shown({}, ""),
  "exchange, mutual": () => shown({ flags: GSS_C_MUTUAL_FLAG }),
  "exchange, one way": () => shown({ flags: GSS_C_SEQUENCE_FLAG }),
  "exchange, one way, SPNEGO": () => shown({ flags: GSS_C_SEQUENCE_FLAG, mechOID: GSS_MECH_OID_SPNEGO }),
  "exchange, replay": () => shown({ flags: GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG }),
  "exchange, a principal": () => shown({ principal: `bob@${REALM}` }),
  "exchange, a principal without its realm": () => shown({ principal: "bob" }),
  "exchange, an empty principal": () => shown({ principal: "" }),
  "exchange, the upper case of a host": async () => {
    const one = await ours.initializeClient("HTTP@LOCALHOST");
    return kindOf(await one.step(""));
  },

  sasl: () => sasl({ user: "alice" }),
  "sasl, no options": () => sasl(),
  "sasl, nobody": () => sasl({}),
  "sasl, encrypted": () => sasl({ user: "alice", protect: true }),
  "sasl, as another": () => sasl({ user: "bob" }),

  "wrap, not base64": async () => kindOf(await (await exchange({})).client.wrap("challenge")),
  "wrap, empty": async () => kindOf(await (await exchange({})).client.wrap("")),
  "wrap, a long user": async () =>
    Buffer.from(await (await exchange({})).client.wrap("AQAAAA==", { user: "u".repeat(200) }), "base64").length,
  "wrap, a user that is not ASCII": async () =>
    Buffer.from(await (await exchange({})).client.wrap("AQAAAA==", { user: "jürgen" }), "base64").length,
  "wrap, protect": async () =>
    Buffer.from(await (await exchange({})).client.wrap("AQAAAA==", { protect: true }), "base64").length,
  "wrap, protect is no boolean": async () => (await exchange({})).client.wrap("challenge", { protect: "yes" }),
  "wrap before the context": async () => (await client()).wrap("AQAAAA=="),
  "unwrap before the context": async () => (await client()).unwrap("AQAAAA=="),
  "unwrap of what is no token": async () => (await exchange({})).client.unwrap("AQAAAA=="),
  "unwrap of nothing": async () => (await exchange({})).client.unwrap(""),

  "client: an unknown service": async () => (await ours.initializeClient("nosuch@localhost")).step(""),
  "client: state after a failure": async () => {
    const one = await ours.initializeClient("nosuch@localhost");
    await one.step("").catch(() => {});
    return clientState(one);
  },
  "client: no cache": () => withEnv({ KRB5CCNAME: "FILE:/nonexistent" }, firstToken),
  "client: an unknown principal": () => ours.initializeClient(HTTP, { principal: `carol@${REALM}` }),
  "client: a ticket that has ended": () => withEnv({ KRB5CCNAME: `FILE:${FOLDER}/ended` }, firstToken),
  "client: no KDC answers": () =>
    withEnv({ KRB5_CONFIG: `${FOLDER}/unreachable.conf`, KRB5CCNAME: `FILE:${FOLDER}/fresh` }, firstToken),
  "client: an answer that is no token": async () => {
    const one = await client();
    await one.step("");
    return await one.step("bm90IGEgdG9rZW4=");
  },
  "client: an answer of another exchange": async () => {
    const one = await client();
    await one.step("");
    const other = await server();
    return await one.step(await other.step(await firstToken()));
  },
  "client: a step after the last": async () => kindOf(await (await exchange({})).client.step("")),
  "client: options are null": async () => (await ours.initializeClient(HTTP, null)).constructor.name,

  "server: an empty challenge": async () => (await server()).step(""),
  "server: what is no token": async () => (await server()).step("bm90IGEgdG9rZW4="),
  "server: not base64": async () => (await server()).step("!!!"),
  "server: a ticket of another service": async () => (await server("host@localhost")).step(await firstToken()),
  "server: no such key": () => server("nosuch@localhost"),
  "server: no such service": () => server("nosuch"),
  "server: no keytab": () => withEnv({ KRB5_KTNAME: "/nonexistent" }, server),
  "server: state after a failure": async () => {
    const one = await server();
    await one.step("bm90IGEgdG9rZW4=").catch(() => {});
    return serverState(one);
  },

  principalDetails: () => ours.principalDetails("HTTP", "localhost"),
  "principalDetails, none": () => ours.principalDetails("HTTP", "nowhere"),
  "principalDetails, no keytab": () =>
    withEnv({ KRB5_KTNAME: "/nonexistent" }, () => ours.principalDetails("HTTP", "localhost")),

  checkPassword: () => ours.checkPassword("alice", "alice-password", "HTTP/localhost", REALM),
  "checkPassword, with a realm": () =>
    ours.checkPassword(`alice@${REALM}`, "alice-password", "HTTP/localhost", "OTHER.TEST"),
  "checkPassword, without any realm": () => ours.checkPassword("alice", "alice-password", "HTTP/localhost"),
  "checkPassword, wrong": () => ours.checkPassword("alice", "wrong", "HTTP/localhost", REALM),
  "checkPassword, unknown": () => ours.checkPassword("carol", "wrong", "HTTP/localhost", REALM),
  "checkPassword, a password that has ended": () =>
    ours.checkPassword("pwexpired", "pwexpired-password", "HTTP/localhost", REALM),
  "checkPassword, a principal that has ended": () =>
    ours.checkPassword("expired", "expired-password", "HTTP/localhost", REALM),
  "checkPassword, locked": () => ours.checkPassword("locked", "locked-password", "HTTP/localhost", REALM),
  "checkPassword, an unknown realm": () => ours.checkPassword("alice", "x", "HTTP/localhost", "NOSUCH.TEST"),
  "checkPassword, not ASCII": () => ours.checkPassword("jürgen", "pässwörd-€", "HTTP/localhost", REALM),

  "initializeClient()": () => ours.initializeClient(),
  "initializeServer()": () => ours.initializeServer(),
  "principalDetails(3, text)": () => ours.principalDetails(3, "foo"),
  "principalDetails(text, 3)": () => ours.principalDetails("foo", 3),
  "checkPassword(3)": () => ours.checkPassword(3, "password", "service"),
  "checkPassword(text, 3)": () => ours.checkPassword("username", 3, "service"),
  "checkPassword(text, text, 3)": () => ours.checkPassword("username", "password", 3),
  "checkPassword(text, text, text, 3)": () => ours.checkPassword("username", "password", "service", 3),
  "server.step(3)": async () => (await server()).step(3),
  "client.step(3)": async () => (await client()).step(3),
  "client.step()": async () => (await client()).step(),
  "client.unwrap(3)": async () => (await client()).unwrap(3),
  "client.wrap(3)": async () => (await client()).wrap(3),

  "initializeClient(3)": () => ours.initializeClient(3),
  "initializeClient(text, 3)": async () => (await ours.initializeClient(HTTP, 3)).constructor.name,
  "initializeClient(text, text)": async () => (await ours.initializeClient(HTTP, "text")).constructor.name,
  "initializeServer(3)": () => ours.initializeServer(3),
  "principalDetails()": () => ours.principalDetails(),
  "checkPassword()": () => ours.checkPassword(),
  "server.step()": async () => (await server()).step(),
  "server.step(null)": async () => (await server()).step(null),
  "client.step(null)": async () => (await client()).step(null),
  "client.unwrap()": async () => (await client()).unwrap(),
  "client.wrap()": async () => (await client()).wrap(),

  "service, empty": async () => kindOf(await (await ours.initializeClient("")).step("")),
  "service, a host with a blank": async () => kindOf(await (await ours.initializeClient("HTTP@no host")).step("")),
  "exchange, flags are text": () => shown({ flags: "2" }),
  "exchange, no flags": () => shown({ flags: 0 }),
  "exchange, every flag": () => shown({ flags: 511 }),
  "exchange, another mechOID": () => shown({ mechOID: 7 }),
  "exchange, mechOID is null": () => shown({ mechOID: null }),
  "exchange, mechOID is text": () => shown({ mechOID: "6" }),
  "exchange, a principal that is no text": () => shown({ principal: 5 }),
  "exchange, a principal that is no name": () => ours.initializeClient(HTTP, { principal: "a@b@c" }),
  "exchange, unknown options": () => shown({ nosuch: true, user: undefined }),

  "wrap, a user that is null": async () =>
    Buffer.from(await (await exchange({})).client.wrap("AQAAAA==", { user: null }), "base64").length,
  "wrap, a user that is no text": async () =>
    Buffer.from(await (await exchange({})).client.wrap("AQAAAA==", { user: 5 }), "base64").length,
  "wrap, an empty user": async () =>
    Buffer.from(await (await exchange({})).client.wrap("AQAAAA==", { user: "" }), "base64").length,
  "wrap, protect is null": async () => kindOf(await (await exchange({})).client.wrap("AQAAAA==", { protect: null })),
  "wrap, options are text": async () => kindOf(await (await exchange({})).client.wrap("AQAAAA==", "text")),
  "wrap, a message of one octet": async () => kindOf(await (await exchange({})).client.wrap("AQ==")),
  "wrap, twice": async () => {
    const { client: one } = await exchange({});
    await one.wrap("AQAAAA==");
    return [kindOf(await one.wrap("AQAAAA==")), clientState(one)];
  },
  "unwrap, not base64": async () => (await exchange({})).client.unwrap("!!!"),
  "unwrap of one's own message": async () => {
    const { client: one } = await exchange({});
    return await one.unwrap(await one.wrap("AQAAAA=="));
  },
  "unwrap: state after a failure": async () => {
    const { client: one } = await exchange({});
    await one.unwrap("bm90IGEgdG9rZW4=").catch(() => {});
    return clientState(one);
  },

  "server: a token after the last": async () => {
    const one = await server();
    await one.step(await firstToken());
    return kindOf(await one.step(await firstToken()));
  },
  "server: the token that it gave": async () => {
    const one = await server();
    return kindOf(await (await server()).step(await one.step(await firstToken())));
  },
  "server: state before": async () => serverState(await server("")),

  "principalDetails, the upper case of a host": () => ours.principalDetails("HTTP", "LOCALHOST"),
  "principalDetails, no service": () => ours.principalDetails("", "localhost"),
  "principalDetails, no host": () => ours.principalDetails("HTTP", ""),
  "checkPassword, an empty password": () => ours.checkPassword("alice", "", "HTTP/localhost", REALM),
  "checkPassword, no name": () => ours.checkPassword("", "x", "HTTP/localhost", REALM),
  "checkPassword, what is no name": () => ours.checkPassword("a@b@c", "x", "HTTP/localhost", REALM),
  "checkPassword, a service": () => ours.checkPassword("HTTP/localhost", "x", "HTTP/localhost", REALM),
};

async function main() {
  const all = {};
  for (const [name, call] of Object.entries(calls)) {
    // The native module reads memory that it has not: the process ends.
    if (name === "wrap, empty" && typeof ours.configure !== "function") continue;
    // What throws at once, and what a promise ends in, differ.
    let promise;
    try {
      promise = call();
    } catch (error) {
      all[name] = { throwsAtOnce: `${error.name}: ${error.message}` };
      continue;
    }
    all[name] = await promise.then(
      (value) => ({ gives: value === undefined ? "undefined" : value }),
      (error) => ({ fails: `${error.name}: ${error.message}` }),
    );
  }
  console.log(JSON.stringify(all));
}
main();
