// A worker of a cluster: tells its primary process which acceptors can be made here without a shared replay cache.

const at = (/** @type {string} */ file) => import(new URL(`../../../src/entry/${file}.ts`, import.meta.url).href);
const { createAcceptor, createReplayCache } = await at("gssapi");
const { createSpnegoAcceptor } = await at("spnego");
const { createSaslServer } = await at("sasl");
const { createNegotiateServer } = await at("http");
const keytab = Buffer.from(/** @type {string} */ (process.env.KEYTAB), "base64");

/** @type {Record<string, (more?: object) => unknown>} */
const makers = {
  createAcceptor: (more) => createAcceptor({ keytab, ...more }),
  createSpnegoAcceptor: (more) => createSpnegoAcceptor({ keytab, ...more }),
  "createSaslServer, GSS-SPNEGO": (more) =>
    createSaslServer({ keytab, mechanism: "GSS-SPNEGO", spnego: createSpnegoAcceptor, ...more }),
  "createSaslServer, GS2-KRB5": (more) =>
    createSaslServer({ keytab, mechanism: "GS2-KRB5", layers: ["none"], ...more }),
  "createSaslServer, GSSAPI": (more) => createSaslServer({ keytab, ...more }),
  createNegotiateServer: (more) => createNegotiateServer({ keytab, ...more }),
};

/** What a maker says: nothing where it makes one. */
const said = (/** @type {() => unknown} */ make) => {
  try {
    make();
    return "made";
  } catch (error) {
    return String(error).slice(0, 39);
  }
};
const alone = Object.entries(makers).map(([name, make]) => [name, said(() => make())]);
const shared = Object.entries(makers).map(([name, make]) => [
  name,
  said(() => make({ replayCache: createReplayCache() })),
]);
const answer = { alone: Object.fromEntries(alone), shared: Object.fromEntries(shared) };
if (process.send) process.send(answer, () => process.disconnect());
else console.log(JSON.stringify(answer));
