"""`workbench serve` as a command."""

import signal
import socket
from pathlib import Path

from tests.cli.conftest import Start, Workbench


def test_it_says_where_and_ends_with_ctrl_c(start: Start, tmp_path: Path) -> None:
    """On a free port, where 0 is asked for; exit 0."""
    (tmp_path / "results").mkdir()
    command = start("serve", "--port", "0")
    command.until(lambda: "http://127.0.0.1:" in command.told(), "its address")
    command.process.send_signal(signal.SIGINT)
    assert command.ended(10).status == 0


def test_a_taken_port_and_a_missing_folder_are_bad_usage(workbench_here: Workbench, tmp_path: Path) -> None:
    """Exit 2, with what to do."""
    missing = workbench_here("serve", "nowhere")
    assert missing.status == 2
    assert "is not a folder" in missing.err
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = workbench_here("serve", str(tmp_path), "--port", str(taken.getsockname()[1]))
    assert ended.status == 2
    assert "--port" in ended.err
