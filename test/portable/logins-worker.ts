// For workerd: the configuration is the request's body.

import { runLogins } from "./logins.ts";

export default {
  fetch: async (request: Request): Promise<Response> => Response.json(await runLogins(await request.json())),
};
