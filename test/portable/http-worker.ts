// For workerd: the configuration is the request's body. `SITE` and `KDC` are bindings, where the Worker has them: services
// that it reaches without a network.

import { runHttp } from "./http.ts";

interface Bindings {
  readonly SITE?: { readonly fetch: typeof fetch };
  readonly KDC?: { readonly fetch: typeof fetch };
}

export default {
  async fetch(request: Request, { SITE, KDC }: Bindings): Promise<Response> {
    return Response.json(
      await runHttp(await request.json(), {
        ...(SITE === undefined ? {} : { site: (input, init) => SITE.fetch(input, init) }),
        ...(KDC === undefined ? {} : { kdc: (input, init) => KDC.fetch(input, init) }),
      }),
    );
  },
};
