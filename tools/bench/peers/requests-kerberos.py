#!/usr/bin/python3
"""The peer of the HTTP workload: Python's requests with requests-kerberos, one session for all requests. A line "get COUNT
URL" is answered with "wall_ns cpu_ns". KRB5CCNAME has the ticket."""

import sys
import time

import requests
from requests_kerberos import OPTIONAL, HTTPKerberosAuth

session = requests.Session()
session.auth = HTTPKerberosAuth(mutual_authentication=OPTIONAL, force_preemptive=True)
for line in sys.stdin:
    operation, count, url = line.split()
    wall, cpu = time.monotonic_ns(), time.process_time_ns()
    for _ in range(int(count)):
        answer = session.get(url)
        if answer.status_code != 200:
            print("error get: HTTP %d" % answer.status_code, flush=True)
            sys.exit(1)
    print(time.monotonic_ns() - wall, time.process_time_ns() - cpu, flush=True)
