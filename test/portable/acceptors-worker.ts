// For workerd: the keytab is the request's body. Acceptors are made in the request and, as a Worker does for all of them,
// when its module is loaded.

import { createNegotiateServer } from "../../src/entry/http.ts";
import { tryMakers } from "./acceptor-makers.ts";

/** With a keytab without entries: the keys do not matter. */
const atStart = (() => {
  try {
    createNegotiateServer({ keytab: { base64: "BQI=" } });
    return "made";
  } catch (error) {
    return String(error).slice(0, 39);
  }
})();

export default {
  async fetch(request: Request): Promise<Response> {
    return Response.json({ ...tryMakers(new Uint8Array(await request.arrayBuffer())), atStart });
  },
};
