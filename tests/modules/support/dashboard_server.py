#!/usr/bin/env python3
"""dashboard_server.py accept|fail|hang|refuse LOG COMMAND [ARG...]: runs the command with a dashboard's server on
loopback while it lasts, "@PORT@" in its words being the server's port, and exits with its code. Each file that was
submitted is a line of LOG: its name and its first tag."""

import http.server
import re
import socket
import subprocess
import sys
import threading
import urllib.parse


class Dashboard(http.server.BaseHTTPRequestHandler):
    mode = ""
    log = ""

    def do_PUT(self):
        if self.mode == "hang":
            self.server.done.wait(60)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.mode == "fail":
            self.send_error(500, "the disk is full")
            return
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        name = query.get("FileName", ["?"])[0]
        tags = re.findall(rb"<(Configure|Build|Testing|Done)>", body) or [b"?"]
        with open(self.log, "a") as log:
            log.write(f"{name.split('___')[-1]} {tags[0].decode()}\n")
        answer = b"<cdash><status>OK</status><message></message></cdash>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT

    def log_message(self, *_):
        pass


def main():
    Dashboard.mode, Dashboard.log, command = sys.argv[1], sys.argv[2], sys.argv[3:]
    if Dashboard.mode == "refuse":
        with socket.socket() as held:  # bound, never listening: nobody else gets the port meanwhile
            held.bind(("127.0.0.1", 0))
            return run(command, held.getsockname()[1])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Dashboard)
    server.daemon_threads = True
    server.done = threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        return run(command, server.server_address[1])
    finally:
        server.done.set()
        server.shutdown()


def run(command, port):
    return subprocess.run([word.replace("@PORT@", str(port)) for word in command], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
