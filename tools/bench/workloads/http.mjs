// Requests to Apache with mod_auth_gssapi, one after another, each let in by a ticket (RFC 4559).

import { startApache } from "../../beds/index.mjs";
import { ensurePeers } from "../../peers/index.mjs";
import { clientOf, load } from "../library.mjs";

/** @type {import("../bench.mjs").Workload} */
export const http = {
  name: "http",
  async rows(bench) {
    const { curl, requests } = await ensurePeers(["curl", "requests"]);
    const { client, env } = await bench.realm.pinned(18);
    // It ends with this process.
    const { url } = await startApache({ bed: bench.realm.bed });
    const page = `${url}/private/`;
    const libraries = (/** @type {import("../../peers/index.mjs").Peer} */ peer) => ({
      ...env,
      ...peer.env,
      LD_LIBRARY_PATH: [peer.env.LD_LIBRARY_PATH, bench.peers.env.LD_LIBRARY_PATH].filter(Boolean).join(":"),
    });
    const row = { args: { client, url: page }, count: bench.isQuick ? 50 : 300 };
    return [
      {
        title: "HTTP Negotiate: a request with its ticket",
        peer: "libcurl",
        goal: 0.8,
        ...row,
        against: { program: "curl", operation: "get", args: [page], env: libraries(curl) },
      },
      {
        title: "the same beside Python's requests-kerberos",
        peer: "requests-kerberos",
        goal: 1,
        ...row,
        against: { program: "requests", operation: "get", args: [page], env: libraries(requests) },
      },
      {
        // What is left of the time is ours, and Apache's for a ticket.
        title: "the same over the fetch of Node, which asks for an open page without a ticket",
        peer: "fetch of Node",
        ...row,
        library: { args: { url: `${url}/`, isFloor: true }, env: {} },
      },
    ];
  },
  async ours({ client, url, isFloor }, count, meter) {
    const { negotiateFetch } = await load("entry/http.js");
    const fetch = isFloor
      ? globalThis.fetch
      : negotiateFetch({ credential: await clientOf(client), origins: [new URL(url).origin] });
    return await meter.time(async () => {
      for (let i = 0; i < count; i++) {
        const answer = await fetch(url);
        if (answer.status !== 200) throw new Error(`HTTP ${answer.status}`);
        await answer.arrayBuffer();
      }
    });
  },
};
