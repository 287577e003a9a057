// A mail server that takes everything (RFC 5321), behind Dovecot's submission server.

import net, { type AddressInfo } from "node:net";
import { createInterface } from "node:readline";

/** Starts it. `mails` are the messages that came. */
export async function startSmallRelay() {
  const mails: string[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    let mail: string[] | undefined;
    socket.on("error", () => {});
    socket.write("220 localhost ESMTP\r\n");
    createInterface({ input: socket }).on("line", (line) => {
      if (mail !== undefined) {
        if (line !== ".") mail.push(line);
        else {
          mails.push(mail.join("\n"));
          mail = undefined;
          socket.write("250 taken\r\n");
        }
        return;
      }
      if (/^DATA/i.test(line)) {
        mail = [];
        socket.write("354 go on\r\n");
      } else socket.write(/^QUIT/i.test(line) ? "221 bye\r\n" : "250 localhost\r\n");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    mails,
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
