"""A log's last line is quoted where it is a reason, and only then."""

import pytest

from harness.logs import exception_in, reason_in
from harness.results.text import in_a_line

SUPERUSER = """\
/env/celery/platforms.py:841: SecurityWarning: You're running the worker with superuser privileges: this is
absolutely not recommended!

Please specify a different user using the --uid option.

User information: uid=0 euid=0 gid=0 egid=0

  _warn_or_raise_security_error(uid, gid, euid, egid)"""
TRACEBACK = """\
Traceback (most recent call last):
  File "/job/tasks.py", line 3, in <module>
    import nothing
    ^^^^^^^^^^^^^^
ModuleNotFoundError: No module named 'nothing'"""
CRASH = """\
Fatal Python error: Segmentation fault

Current thread 0x00007f (most recent call first):
  File "/job/tasks.py", line 3 in fetch
Extension modules: greenlet._greenlet (total: 1)"""
IGNORED = """\
Exception ignored in: <function Client.__del__ at 0x7f>
Traceback (most recent call last):
  File "/job/tasks.py", line 3, in __del__
RuntimeError: Event loop is closed"""
NO_REASON = {
    "superuser": SUPERUSER,
    "deprecated": "/job/tasks.py:3: DeprecationWarning: old\n  fetch()",
    "progress": "urls:  10%|#   | 1/10\rurls:  20%|##  | 2/10",
    "banner": " -------------- celery@host v5.7.0\n--- ***** -----\n.> app: shop\n[tasks]\n  . fetch\n",
    "celery": "[2026-11-26 10:00:00,000: INFO/MainProcess] celery@host ready.",
    "logging": "WARNING:root:slow",
    "redis": "17:M 26 Nov 2026 10:00:00.000 * Ready to accept connections tcp",
    "postgres": "2026-11-26 10:00:00 UTC [1] LOG:  database system is ready to accept connections",
    "ignored": IGNORED,
    "nothing": "(it wrote nothing)",
}
REASON = {
    f"{SUPERUSER}\nno such option: --pol": "no such option: --pol",
    f"{TRACEBACK}\n{SUPERUSER}": "ModuleNotFoundError: No module named 'nothing'",
    f"{TRACEBACK}\n{IGNORED}": "ModuleNotFoundError: No module named 'nothing'",
    "[2026-11-26 10:00:00,000: CRITICAL/Main] no broker": "[2026-11-26 10:00:00,000: CRITICAL/Main] no broker",
    "17:M 26 Nov 2026 10:00:00.000 # Out of memory": "17:M 26 Nov 2026 10:00:00.000 # Out of memory",
    "UTC [1] FATAL:  no space left\nUTC [1] LOG:  shut down": "UTC [1] FATAL:  no space left",
}


@pytest.mark.parametrize("log", NO_REASON.values(), ids=NO_REASON)
def test_what_is_no_reason_is_not_quoted(log: str) -> None:
    """Warnings with all their lines, banners, notices, progress, what was ignored."""
    assert reason_in("exit status 1", log.splitlines()) == ""
    indented = "\n".join(f"    {line}" for line in log.splitlines())
    assert in_a_line(f"the worker has ended (exit status 1); its last lines:\n{indented}") == (
        "the worker has ended (exit status 1)"
    )


@pytest.mark.parametrize(("log", "reason"), REASON.items(), ids=range(len(REASON)))
def test_the_last_reason_is_quoted(log: str, reason: str) -> None:
    """Whatever else follows."""
    assert reason_in("exit status 1", log.splitlines()) == reason


@pytest.mark.parametrize("signal", ["SIGKILL", "SIGTERM", "SIGHUP"])
def test_who_was_ended_by_somebody_has_no_reason_in_its_log(signal: str) -> None:
    """An exception in it is that of some task, which was there before."""
    assert reason_in(f"killed by {signal}", TRACEBACK.splitlines()) == ""
    assert exception_in(f"killed by {signal}", TRACEBACK.splitlines()) == ""
    assert exception_in("exit status 1", TRACEBACK.splitlines()) == TRACEBACK.splitlines()[-1]


def test_a_crash_of_its_own_says_so() -> None:
    """What Python's faulthandler wrote, rather than where in the end."""
    assert reason_in("killed by SIGSEGV", [*TRACEBACK.splitlines(), *CRASH.splitlines()]) == CRASH.splitlines()[0]
    assert reason_in("killed by SIGSEGV", TRACEBACK.splitlines()) == ""
