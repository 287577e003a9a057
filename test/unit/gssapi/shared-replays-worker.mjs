// A worker of a cluster: tells its primary process which acceptors can be made here without a shared replay cache.

const { tryMakers } = await import(new URL("../../portable/acceptor-makers.ts", import.meta.url).href);
const answer = tryMakers(Buffer.from(/** @type {string} */ (process.env.KEYTAB), "base64"));
if (process.send) process.send(answer, () => process.disconnect());
else console.log(JSON.stringify(answer));
