"""A GSS-API acceptor on a loopback port, over libgssapi: the other side for createInitiator's tests.

First the context: each token is a 4-octet big-endian length and that many octets, both ways. A failed context sends the
error token, when there is one, and closes. Then requests: one octet of operation, a 4-octet length, the payload.

    W token          unwrap it          -> R {"length", "sha256", "confidential"}
    X token          unwrap it          -> X the same octets wrapped again, sealed if they came sealed
    S n (4 octets)   n octets of data   -> S sealed
    U n              n octets of data   -> U wrapped, not sealed
    M n              n octets of data   -> M 4-octet length, the data, its MIC
    V len data mic   verify the MIC     -> R {"verified": true}
    I                                   -> R {"initiator", "target", "flags", "lifetime", "mech"}

A request that fails is answered by E {"error", "message"}, and the connection stays. Data is 0..250 over and over.
"""

import argparse
import hashlib
import json
import socket
import struct
import sys
import threading

import gssapi
from gssapi.raw import ChannelBindings


def receive(connection, count):
    parts = []
    while count > 0:
        part = connection.recv(min(count, 1 << 16))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def receive_token(connection):
    (length,) = struct.unpack(">I", receive(connection, 4))
    return receive(connection, length)


def pattern(count):
    block = bytes(range(251))
    return (block * (count // 251 + 1))[:count]


def establish(connection, options):
    bindings = None
    if options.bindings is not None:
        bindings = ChannelBindings(application_data=bytes.fromhex(options.bindings))
    credentials = gssapi.Credentials(usage="accept")
    context = gssapi.SecurityContext(creds=credentials, usage="accept", channel_bindings=bindings)
    while not context.complete:
        try:
            token = context.step(receive_token(connection))
        except gssapi.exceptions.GSSError as error:
            print("context failed:", error, flush=True)
            if error.token:
                connection.sendall(struct.pack(">I", len(error.token)) + error.token)
            return None
        if token:
            connection.sendall(struct.pack(">I", len(token)) + token)
    print("context with", context.initiator_name, flush=True)
    return context


def describe(context):
    try:
        lifetime = context.lifetime
    except gssapi.exceptions.ExpiredContextError:
        lifetime = 0
    delegated = None
    if context.delegated_creds is not None:
        delegated = {"name": str(context.delegated_creds.name), "lifetime": context.delegated_creds.lifetime}
    return {
        "delegated": delegated,
        "initiator": str(context.initiator_name),
        "target": str(context.target_name),
        "flags": sorted(flag.name for flag in gssapi.RequirementFlag if flag & context.actual_flags),
        "lifetime": lifetime,
        "mech": context.mech.dotted_form,
    }


def answer(context, operation, payload):
    if operation == b"W":
        result = context.unwrap(payload)
        return b"R", {
            "length": len(result.message),
            "sha256": hashlib.sha256(result.message).hexdigest(),
            "confidential": result.encrypted,
        }
    if operation == b"X":
        result = context.unwrap(payload)
        return b"X", context.wrap(result.message, result.encrypted).message
    if operation in (b"S", b"U"):
        (count,) = struct.unpack(">I", payload)
        return operation, context.wrap(pattern(count), operation == b"S").message
    if operation == b"M":
        (count,) = struct.unpack(">I", payload)
        data = pattern(count)
        return b"M", payload + data + context.get_signature(data)
    if operation == b"V":
        (count,) = struct.unpack(">I", payload[:4])
        context.verify_signature(payload[4 : 4 + count], payload[4 + count :])
        return b"R", {"verified": True}
    if operation == b"I":
        return b"R", describe(context)
    raise ValueError("no such operation: %r" % operation)


def serve(connection, options):
    with connection:
        try:
            context = establish(connection, options)
            while context is not None:
                operation, length = struct.unpack(">cI", receive(connection, 5))
                payload = receive(connection, length)
                try:
                    kind, reply = answer(context, operation, payload)
                except (gssapi.exceptions.GSSError, ValueError, struct.error) as error:
                    kind, reply = b"E", {"error": type(error).__name__, "message": str(error)}
                if not isinstance(reply, bytes):
                    reply = json.dumps(reply).encode()
                connection.sendall(struct.pack(">cI", kind, len(reply)) + reply)
        except (EOFError, ConnectionError):
            pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--bindings", help="application data of the channel bindings, in hex")
    options = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", options.port))
    print("listening", flush=True)
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(connection, options), daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
