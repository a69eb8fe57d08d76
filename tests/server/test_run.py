"""Starting and stopping the command: where it listens, what it says, and how it ends."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-c", "from diplograph.cli.main import main; main()"]


def test_a_port_in_use_is_said(built: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [*COMMAND, "--store", str(built), "serve", "--port", port],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert ended.returncode == 2
    assert f"error: cannot listen on 127.0.0.1:{port}: Address already in use\n" in ended.stderr
    assert "choose another --port" in ended.stderr


def test_it_says_where_it_listens_and_ends_when_told(built: Path) -> None:
    command = [*COMMAND, "--store", str(built), "serve", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        said = json.loads(server.stderr.readline())["message"]
        assert said.startswith("serving http://127.0.0.1:")
        assert not said.endswith(":0/")
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=30) in (0, 130)
