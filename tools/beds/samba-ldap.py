"""Samba's LDAP server, whose ports are fixed, in a network namespace of its own (`unshare -n`): what comes to Unix sockets
goes to its ports.

samba-ldap.py FOLDER PROGRAM ARGUMENT...: FOLDER/389.sock and FOLDER/636.sock. Prints "listening" and runs the program.
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys
import threading

PORTS = (389, 636)
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", IFF_UP))


def pump(source, sink):
    try:
        while octets := source.recv(65536):
            sink.sendall(octets)
    except OSError:
        pass
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def relay(client, port):
    with client:
        try:
            server = socket.create_connection(("127.0.0.1", port))
        except OSError:
            return
        with server:
            back = threading.Thread(target=pump, args=(server, client), daemon=True)
            back.start()
            pump(client, server)
            back.join()


def listen(folder, port):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(os.path.join(folder, "%d.sock" % port))
    listener.listen(64)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=relay, args=(client, port), daemon=True).start()


def main():
    folder, *command = sys.argv[1:]
    loopback_up()
    for port in PORTS:
        threading.Thread(target=listen, args=(folder, port), daemon=True).start()
    print("listening", flush=True)
    sys.exit(subprocess.run(command).returncode)


main()
