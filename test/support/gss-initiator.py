"""A GSS-API initiator over libgssapi: the other side for createAcceptor's tests.

Connects to a loopback port, establishes a context with the credentials of KRB5CCNAME, and then answers the requests that
tools/beds/gss-acceptor.py describes, until the connection ends.
"""

import argparse
import importlib.util
import json
import pathlib
import socket
import struct
import sys

import gssapi
from gssapi.raw import ChannelBindings
from gssapi.raw.ext_rfc4178 import set_neg_mechs

beds = pathlib.Path(__file__).resolve().parent.parent.parent / "tools" / "beds"
spec = importlib.util.spec_from_file_location("gss_acceptor", beds / "gss-acceptor.py")
acceptor = importlib.util.module_from_spec(spec)
spec.loader.exec_module(acceptor)

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--target", required=True)
parser.add_argument("--bindings")
parser.add_argument("--flags", type=int, required=True)
parser.add_argument("--mech", default="1.2.840.113554.1.2.2", help="the mechanism's object identifier")
parser.add_argument("--offer", action="append", help="a mechanism that SPNEGO offers, the first choice first")
parser.add_argument("--times", type=int, default=1, help="how many contexts, one after the other, each on a connection")
options = parser.parse_args()

# NTLM knows host-based names alone.
kind = gssapi.NameType.kerberos_principal if "/" in options.target else gssapi.NameType.hostbased_service
name = gssapi.Name(options.target, kind)
bindings = ChannelBindings(application_data=bytes.fromhex(options.bindings)) if options.bindings else None
credentials = None
if options.offer:
    offered = [gssapi.OID.from_int_seq(one) for one in options.offer]
    credentials = gssapi.Credentials(usage="initiate", mechs=[gssapi.OID.from_int_seq(options.mech)])
    set_neg_mechs(credentials, offered)


def establish_and_answer(connection):
    context = gssapi.SecurityContext(
        creds=credentials,
        name=name,
        usage="initiate",
        mech=gssapi.OID.from_int_seq(options.mech),
        flags=options.flags,
        channel_bindings=bindings,
    )

    def send(token):
        if token:
            connection.sendall(struct.pack(">I", len(token)) + token)

    send(context.step())
    while not context.complete:
        send(context.step(acceptor.receive_token(connection)))
    while True:
        operation, length = struct.unpack(">cI", acceptor.receive(connection, 5))
        payload = acceptor.receive(connection, length)
        try:
            kind, reply = acceptor.answer(context, operation, payload)
        except (gssapi.exceptions.GSSError, ValueError) as error:
            kind, reply = b"E", {"error": type(error).__name__, "message": str(error)}
        if not isinstance(reply, bytes):
            reply = json.dumps(reply).encode()
        connection.sendall(struct.pack(">cI", kind, len(reply)) + reply)


status = 0
for _ in range(options.times):
    with socket.create_connection(("127.0.0.1", options.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            establish_and_answer(connection)
        except (EOFError, ConnectionError):
            pass
        except gssapi.exceptions.GSSError as error:
            print(error, flush=True)
            status = 1
sys.exit(status)
