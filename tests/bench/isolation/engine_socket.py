#!/usr/bin/env python3
"""Whether docker's API over its socket is faster than docker's client: docs/performance.md has what came out.

usage: engine_socket.py SOCKET RUNS

SOCKET is that of a dockerd which has the image of `tests/support/engines/engines.sh start DIR`. In turn: `docker run`;
create, attach, start and wait over the socket; the same with the container created before the clock starts.
"""
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time

IMAGE = "specguard-test"
CLIENT = ["docker", "run", "--rm", "--network=none", "--pull=never", "--memory=512m", "--memory-swap=512m", "--cpus=1",
          "--pids-limit=256", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--read-only", "--tmpfs=/tmp",
          "--user=65534:65534", "--log-driver=none", IMAGE, "true"]
CONTAINER = {
    "Image": IMAGE, "Cmd": ["true"], "User": "65534:65534", "AttachStdout": True, "AttachStderr": True,
    "HostConfig": {
        "NetworkMode": "none", "Memory": 512 << 20, "MemorySwap": 512 << 20, "NanoCpus": 10**9, "PidsLimit": 256,
        "CapDrop": ["ALL"], "SecurityOpt": ["no-new-privileges"], "ReadonlyRootfs": True, "Tmpfs": {"/tmp": ""},
        "LogConfig": {"Type": "none"}, "AutoRemove": True}}


class Engine:
    def __init__(self, path):
        self.path = path

    def connect(self):
        connected = socket.socket(socket.AF_UNIX)
        connected.connect(self.path)
        return connected

    def ask(self, path, body=None):
        """The connection, with the request sent; its answer is still to be read."""
        connection = http.client.HTTPConnection("docker")
        connection.sock = self.connect()
        connection.request("POST", "/v1.41/containers/" + path, json.dumps(body) if body else None,
                           {"Content-Type": "application/json"})
        return connection

    @staticmethod
    def answer(connection):
        response = connection.getresponse()
        text = response.read()
        if response.status >= 300:
            sys.exit(f"the engine says: {text}")
        return json.loads(text) if text else None

    def create(self):
        return self.answer(self.ask("create", CONTAINER))["Id"]

    def attach(self, container):
        stream = self.connect()
        stream.sendall(f"POST /v1.41/containers/{container}/attach?stream=1&stdout=1&stderr=1 HTTP/1.1\r\nHost: docker\r\n"
                       "Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += stream.recv(4096)
        return stream

    def run(self, container):
        stream = self.attach(container)
        waiting = self.ask(f"{container}/wait?condition=removed")
        self.answer(self.ask(f"{container}/start"))
        while stream.recv(65536):
            pass
        if self.answer(waiting)["StatusCode"] != 0:
            sys.exit("the container failed")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    engine = Engine(sys.argv[1])
    environment = dict(os.environ, DOCKER_HOST="unix://" + sys.argv[1])
    times = {"client": [], "socket": [], "of it: create": [], "socket, created ahead": []}

    def measure(name, begin):
        times[name].append((time.perf_counter() - begin) * 1000)

    for _ in range(int(sys.argv[2])):
        begin = time.perf_counter()
        subprocess.run(CLIENT, env=environment, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        measure("client", begin)
        begin = time.perf_counter()
        container = engine.create()
        measure("of it: create", begin)
        engine.run(container)
        measure("socket", begin)
        container = engine.create()
        begin = time.perf_counter()
        engine.run(container)
        measure("socket, created ahead", begin)
    print(f"{'way':24} {'median ms':>10} {'fastest':>10}")
    for name, values in times.items():
        print(f"{name:24} {statistics.median(values):10.1f} {min(values):10.1f}")


if __name__ == "__main__":
    main()
