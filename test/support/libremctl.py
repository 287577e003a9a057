"""libremctl itself, called through ctypes: what its command-line client cannot do. One handle, operations from stdin as JSON.

    {"op": "open", "host": h, "port": p, "principal": s}
    {"op": "command", "args": [text or {"size": n}]}   -> status or error, octets and SHA-256 of each stream, milliseconds
    {"op": "noop"}
    {"op": "repeat", "args": [...], "times": n}        -> milliseconds of each, sorted

An argument {"size": n} is the octets 0..250 over and over. Each result is one line of JSON.
"""

import ctypes
import hashlib
import json
import sys
import time


class Output(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("data", ctypes.c_void_p),
        ("length", ctypes.c_size_t),
        ("stream", ctypes.c_int),
        ("status", ctypes.c_int),
        ("error", ctypes.c_int),
    ]


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_char_p), ("length", ctypes.c_size_t)]


OUTPUT, STATUS, ERROR, DONE = range(4)
library = ctypes.CDLL("libremctl.so.1")
library.remctl_new.restype = ctypes.c_void_p
library.remctl_open.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ushort, ctypes.c_char_p]
library.remctl_commandv.argtypes = [ctypes.c_void_p, ctypes.POINTER(Vector), ctypes.c_size_t]
library.remctl_output.argtypes = [ctypes.c_void_p]
library.remctl_output.restype = ctypes.POINTER(Output)
library.remctl_error.argtypes = [ctypes.c_void_p]
library.remctl_error.restype = ctypes.c_char_p
library.remctl_noop.argtypes = [ctypes.c_void_p]
library.remctl_close.argtypes = [ctypes.c_void_p]
handle = library.remctl_new()


def failure():
    return {"failure": library.remctl_error(handle).decode()}


def octets(arg):
    if isinstance(arg, str):
        return arg.encode()
    return (bytes(range(251)) * (arg["size"] // 251 + 1))[: arg["size"]]


def run(args):
    vectors = (Vector * len(args))(*[Vector(arg, len(arg)) for arg in args])
    if not library.remctl_commandv(handle, vectors, len(args)):
        return failure()
    streams = {1: [0, hashlib.sha256()], 2: [0, hashlib.sha256()]}
    texts = {1: b"", 2: b""}
    messages = 0
    while True:
        pointer = library.remctl_output(handle)
        if not pointer:
            return failure()
        output = pointer.contents
        data = ctypes.string_at(output.data, output.length) if output.length else b""
        if output.type == OUTPUT:
            messages += 1
            streams[output.stream][0] += len(data)
            streams[output.stream][1].update(data)
            texts[output.stream] = (texts[output.stream] + data)[:200]
            continue
        result = {
            "stdout": {"octets": streams[1][0], "sha256": streams[1][1].hexdigest(), "text": texts[1].decode("latin1")},
            "stderr": {"octets": streams[2][0], "sha256": streams[2][1].hexdigest(), "text": texts[2].decode("latin1")},
            "messages": messages,
        }
        if output.type == STATUS:
            # A status above 127 comes as a negative number.
            return {**result, "status": output.status & 255}
        return {**result, "error": output.error, "text": data.decode()}


def perform(request):
    operation = request["op"]
    if operation == "open":
        principal = request["principal"].encode()
        opened = library.remctl_open(handle, request["host"].encode(), request["port"], principal)
        return {"open": True} if opened else failure()
    if operation == "noop":
        return {"noop": True} if library.remctl_noop(handle) else failure()
    args = [octets(arg) for arg in request["args"]]
    if operation == "command":
        started = time.perf_counter()
        result = run(args)
        return {**result, "milliseconds": 1000 * (time.perf_counter() - started)}
    times = []
    for _ in range(request["times"]):
        started = time.perf_counter()
        result = run(args)
        times.append(1000 * (time.perf_counter() - started))
        if "status" not in result:
            return result
    return {"milliseconds": sorted(times)}


for line in sys.stdin:
    print(json.dumps(perform(json.loads(line))), flush=True)
library.remctl_close(handle)
