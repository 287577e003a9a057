import { smoke } from "./smoke.mjs";

export default {
  async fetch() {
    try {
      return Response.json(await smoke());
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};
