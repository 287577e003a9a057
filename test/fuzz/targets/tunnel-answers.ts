import { encodeText } from "../../../src/bytes/index.ts";
import type { ProxyStream } from "../../../src/host/index.ts";
import { type TunnelAnswer, TunnelAnswerReader } from "../../../src/http/tunnel-answer.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

const latin1 = new TextDecoder("latin1");

/** What a proxy answers to CONNECT, in pieces of a length that the input says: nothing is opened that no line of it says. */
export function tunnelAnswers(): FuzzTarget<never> {
  const corpus = [
    "HTTP/1.1 200 Connection established\r\n\r\n",
    "HTTP/1.1 407 Proxy\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 4\r\n\r\npageHTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.0 200 OK\r\nProxy-Connection: keep-alive\r\n\r\n",
    "HTTP/1.1 502 Bad\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
  ].map(encodeText);
  const target: FuzzTarget<TunnelAnswer> = {
    name: "tunnel-answers",
    inputs: mutatedOctets(corpus),
    async run(input) {
      let at = 0;
      const size = 1 + ((input[0] ?? 0) % 64);
      const stream: ProxyStream = {
        peerCertificate: undefined,
        read: async () => {
          const piece = input.subarray(at, at + size);
          at += size;
          return piece.length === 0 ? undefined : piece;
        },
        write: () => {
          throw new Finding("a reader that writes");
        },
      };
      const answer = await new TunnelAnswerReader(stream).read();
      const came = latin1.decode(input.subarray(0, at));
      if (answer.status < 300 && !came.endsWith("\r\n\r\n"))
        throw new Finding("octets behind the answer are passed over");
      return answer;
    },
    verify({ status }, input) {
      if (status < 200 || status > 599) throw new Finding("a status that ends nothing");
      if (!latin1.decode(input).includes(` ${status}`)) throw new Finding("a status that is not there");
    },
  };
  return target as FuzzTarget<never>;
}
