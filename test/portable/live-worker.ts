// For workerd: the configuration is the body of a request.

import { type LiveConfig, runLive } from "./live.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    return Response.json(await runLive((await request.json()) as LiveConfig));
  },
};
