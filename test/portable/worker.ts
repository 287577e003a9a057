// For workerd: the report is the answer to a request.

import { runSuite } from "./suite.ts";

export default {
  async fetch(): Promise<Response> {
    try {
      return Response.json(await runSuite("workerd"));
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error), { status: 500 });
    }
  },
};
