"""Debian's kdcproxy behind TLS: the WSGI application in a threaded server, one line of log for each request."""

import argparse
import ssl
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import kdcproxy


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128

    def finish_request(self, request, client_address):
        # The handshake in the connection's own thread: a client that refuses the certificate holds up nobody.
        try:
            request.settimeout(10)
            wrapped = context.wrap_socket(request, server_side=True)
        except OSError as error:
            print(f"tls {error}", flush=True)
            return
        try:
            super().finish_request(wrapped, client_address)
        except OSError as error:
            print(f"broken {error}", flush=True)
        finally:
            wrapped.close()


class Handler(WSGIRequestHandler):
    def log_message(self, format, *args):
        print("request", format % args, flush=True)


def at_path(env, start_response):
    if env["PATH_INFO"] != "/KdcProxy":
        start_response("404 Not Found", [("Content-Type", "text/html")])
        return [b"<h1>nothing here</h1>"]
    return kdcproxy.application(env, start_response)


parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--certificate", required=True)
parser.add_argument("--key", required=True)
options = parser.parse_args()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(options.certificate, options.key)
server = make_server("127.0.0.1", options.port, at_path, Server, Handler)
print("listening", flush=True)
server.serve_forever()
