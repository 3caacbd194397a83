"""A signal ends a command wherever it comes."""

import subprocess
import sys
import textwrap

IN_A_FINALIZER = textwrap.dedent(
    """
    import os, signal, time
    from harness.cli.signals import exit_when_interrupted

    class Finalized:
        def __del__(self):
            os.kill(os.getpid(), signal.SIGTERM)
            sum(range(1000))

    exit_when_interrupted()
    one = Finalized()
    del one
    time.sleep(30)
    """
)


def test_a_signal_while_an_object_is_finalized_ends_the_command_in_silence() -> None:
    """There, Python takes an exit for an error that it reports and forgets."""
    ended = subprocess.run([sys.executable, "-c", IN_A_FINALIZER], capture_output=True, timeout=20, check=False)
    assert (ended.returncode, ended.stderr) == (130, b"")
