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
WHILE_IT_IS_IMPORTED = textwrap.dedent(
    """
    import os, signal, sys
    from importlib.abc import MetaPathFinder

    class Interrupting(MetaPathFinder):
        def find_spec(self, name, path, target=None):
            if name == "typer":
                os.kill(os.getpid(), signal.SIGINT)

    sys.meta_path.insert(0, Interrupting())
    from harness.cli.entry import entry_point
    entry_point()
    """
)


def ended(program: str) -> tuple[int, bytes]:
    """The exit status and standard error of a Python that runs it."""
    run = subprocess.run([sys.executable, "-c", program, "list"], capture_output=True, timeout=20, check=False)
    return run.returncode, run.stderr


def test_ctrl_c_before_a_command_has_begun_is_no_traceback() -> None:
    """What it imports takes a tenth of a second, more on a slow disk."""
    assert ended(WHILE_IT_IS_IMPORTED) == (130, b"")


def test_a_signal_while_an_object_is_finalized_ends_the_command_in_silence() -> None:
    """There, Python takes an exit for an error that it reports and forgets."""
    assert ended(IN_A_FINALIZER) == (130, b"")
