// For workerd: the configuration is the body of a request.

import { type FindConfig, findKdc } from "./find-kdc.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    return Response.json(await findKdc((await request.json()) as FindConfig));
  },
};
