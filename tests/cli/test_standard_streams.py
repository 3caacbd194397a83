"""Standard output and standard error may be closed, full, or of another encoding: nothing of a command is lost."""

import os
import subprocess
import sys

COMMAND = f"{sys.executable} -m harness"


def shell(script: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script in which `$W` is the command."""
    whole = f"W='{COMMAND}'; {script}"
    return subprocess.run(["sh", "-c", whole], capture_output=True, text=True, env=os.environ | env, check=False)


def test_a_full_standard_output_is_one_line_and_exit_1() -> None:
    """The reason is named, without a traceback."""
    ended = shell("$W list loads > /dev/full")
    assert ended.returncode == 1
    assert ended.stderr == "workbench: standard output could not be written: No space left on device.\n"


def test_a_reader_that_has_seen_enough_costs_nothing() -> None:
    """`head` closes the pipe: there is no message, and the status is the command's own."""
    ended = shell("{ $W list workloads; echo status $? >&2; } | true")
    assert ended.stderr == "status 0\n"


def test_closed_standard_streams_change_no_status() -> None:
    """With all three closed, a valid command ends with 0 and a wrong one with 2."""
    ended = shell("$W list loads <&- >&- 2>&-; one=$?; $W list lods <&- >&- 2>&-; echo $one $?")
    assert ended.stdout == "0 2\n"


def test_an_encoding_without_some_letters_replaces_them() -> None:
    """In ASCII the text is readable but for those letters."""
    ended = shell("$W list workloads", PYTHONIOENCODING="ascii")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "http_date" in ended.stdout
