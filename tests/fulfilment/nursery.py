"""Starts relays and warehouses at once: what they import is imported before the first is asked for.

Each is a process of its own, forked from this one, which has no threads and no connection. It is run with the number
of a socket; a request is a line of JSON with the new process's standard input, the answer its process id, or the
status with which one has ended.
"""

import importlib
import json
import os
import socket
import sys
import traceback
from typing import Any, Never

import django
from django.conf import settings

from qingdan.cli import main
from qingdan.web import child


def serve(line: socket.socket) -> None:
    """Answer requests until the other side closes."""
    while True:
        said, inputs, _, _ = socket.recv_fds(line, 1 << 16, 1)
        if not said:
            return
        asked = json.loads(said)
        if "wait" in asked:
            ended, status = os.waitpid(asked["wait"], 0 if asked["patient"] else os.WNOHANG)
            told = os.waitstatus_to_exitcode(status) if ended else None
        else:
            told = os.fork()
            if not told:
                line.close()
                _become(asked, inputs[0])
        for one in inputs:
            os.close(one)
        line.sendall(json.dumps(told).encode())


def _become(asked: dict[str, Any], given: int) -> Never:
    """Be a relay or a warehouse, and nothing after it."""
    code = 1
    try:
        os.dup2(given, 0)
        for name, value in asked.get("settings", {}).items():
            setattr(settings, name, value)
        if asked["run"] == ["relay"]:
            child.run_relay()
        else:
            main(asked["run"], standalone_mode=False)
        code = 0
    except BaseException:  # noqa: BLE001 - a fork must never return into the nursery's own work
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    django.setup()
    importlib.import_module("qingdan.fulfilment.relay")
    importlib.import_module("qingdan.cli.sandbox")
    serve(socket.socket(fileno=int(sys.argv[1])))
