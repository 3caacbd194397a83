"""What a user sees for bad input: exit 2, the value, where it stands, what is expected."""

from pathlib import Path

import pytest

from tests.cli.conftest import Workbench

VIEW = '[[view]]\nname = "a"\nworkloads = ["noop"]\ncontenders = ["fake:2"]\nloads = ["closed:2"]\n'


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "quik"], ["'quik'", "the command", "Did you mean 'quick'?", "full"]),
        (["run", "-w", "slep"], ["'slep'", "-w", "Did you mean 'sleep'?", "http_date"]),
        (["run", "-c", "celery-prefrok:8"], ["'celery-prefrok'", "-c", "'celery-prefork'", "asyncio-uvloop"]),
        (["run", "--load", "opn:3"], ["'opn'", "--load", "Did you mean 'open'?", "closed"]),
        (["run", "-w", "sleep", "--set", "sleep.secnds=1"], ["'secnds'", "--set", "Did you mean 'seconds'?"]),
        (["run", "-w", "sleep", "--set", "sleep.seconds=soon"], ["'soon'", "sleep.seconds", "--set"]),
        (["run", "-w", "sleep", "--set", "sleep.seconds=-1"], ["'-1'", "sleep.seconds", "--set"]),
        (["run", "-w", "noop", "--set", "sleep.seconds=1"], ["sleep is not in this run"]),
        (["run", "--set", "seconds=1"], ["'seconds=1'", "workload.param=value"]),
        (["run", "-c", "celery-prefork:0"], ["'celery-prefork:0'", "-c", "whole number above 0"]),
        (["run", "-c", "asyncio:-1"], ["'asyncio:-1'", "whole number above 0"]),
        (["run", "-c", "celery-solo:4"], ["celery-solo", "exactly one slot", "4"]),
        (["run", "--load", "closed:abc"], ["'abc'", "--load", "closed:N"]),
        (["run", "--load", "closed:0"], ["'0'", "--load", "whole number from 1"]),
        (["run", "--load", "open:0/s"], ["'0/s'", "--load", "rate above 0"]),
        (["run", "--load", "open:-3/s"], ["'-3/s'", "--load", "rate above 0"]),
        (["run", "--duration", "5"], ["'5'", "--duration", "5s"]),
        (["run", "--duration", "0s"], ["'0s'", "--duration", "above 0"]),
        (["run", "--rounds", "0"], ["rounds from 1", "0"]),
        (["run", "--rounds", "many"], ["expected rounds", "'many'", "auto"]),
        (["run", "--find-rate", "p99>1s"], ["--find-rate", "'p99>1s'", "p99<250ms"]),
        (["run", "--find-rate", "p99<1s", "--load", "closed:8"], ["exclude each other", "--load"]),
        (["run", "--find-rate", "p99<1s", "--rounds", "auto"], ["exclude each other", "auto"]),
        (["run", "--requests", "0"], ["requests above 0", "0"]),
        (["run", "--requests", "5", "--duration", "1s"], ["exclude each other"]),
        (["run", "--broker", "mysql://h/1"], ["mysql://h/1", "redis://HOST"]),
        (["run", "--origin", "https://example.com"], ["example.com", "--allow-remote-origin", "at most 60"]),
        (["run", "--origin", "https://example.com", "--allow-remote-origin"], ["--requests", "at most 60", "none"]),
        (
            ["run", "--origin", "https://example.com", "--allow-remote-origin", "--requests", "61"],
            ["at most 60", "61"],
        ),
        (["run", "--origin", "example"], ["'example'", "http://"]),
        (["list", "wrkloads"], ["wrkloads", "contenders"]),
        (["report", "nowhere"], ["nowhere", "No such file"]),
        (["run", "--nosuch"], ["--nosuch"]),
        (["run", "--broker", "redis://["], ["--broker redis://***", "IPv6"]),
        (["run", "--broker", "amqp://["], ["--broker amqp://***", "IPv6"]),
        (["run", "--broker", "redis://h/abc"], ["--broker redis://h/abc", "number of a database"]),
        (["run", "--broker", "redis://h/0?x=1"], ["unknown option 'x'", "visibility_timeout"]),
        (["run", "--broker", "sentinel://h/0"], ["--broker sentinel://h/0", "redis://HOST"]),
        (["run", "--broker", f"redis://{'a' * 300}"], ["longer than 253"]),
        (["run", "--origin", "http://127.0.0.1:99999"], ["--origin", "1 to 65535"]),
        (["run", "--origin", "http://127.0.0.1:abc"], ["--origin", "1 to 65535"]),
        (["run", "--postgres", "postgresql://["], ["--postgres", "IPv6"]),
        (["run", "--postgres", "postgresql://h/db?x=1"], ["--postgres", "unknown option 'x'"]),
        (["run", "--result-backend", "amqp://h"], ["--result-backend", "rpc://"]),
        (["worker", "--broker", "redis://h:abc"], ["--broker", "1 to 65535"]),
        (
            ["driver", "--broker", "redis://a", "--broker", "redis://b", "--broker", "amqp://c"],
            ["2 brokers of the kind redis"],
        ),
        (["driver", "--name", "%h"], ["--name '%h'", "letters"]),
        (["doctor", "--broker", "redis://["], ["--broker", "IPv6"]),
        (["run", "--requests", "9" * 25], ["at most 1000000000"]),
        (["run", "--duration", "9" * 300 + "s"], ["--duration", "at most 7 days"]),
        (["run", "--seed", "-1"], ["--seed"]),
        (["run", "--set", f"sleep.seconds={'9' * 5000}"], ["sleep.seconds"]),
        (["compare", "a", "b", "--fail-on", "throughput:150%"], ["could never fail"]),
    ],
    ids=lambda value: " ".join(value[:5]) if value and value[0] in ("run", "list", "report") else "",
)
def test_bad_arguments_end_with_2_and_say_what_is_expected(
    workbench_here: Workbench, tmp_path: Path, arguments: list[str], said: list[str]
) -> None:
    """One message, no run's folder."""
    ended = workbench_here(*arguments)
    assert (ended.status, ended.out) == (2, ""), ended.err
    assert not list(tmp_path.iterdir())
    for words in said:
        assert words in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        *(["run", "{}"], ["run", "-w", "{}"], ["run", "--seed", "{}"], ["doctor", "{}"], ["report", "{}"], ["{}"]),
        *(["run", "--set", "x={}"], ["run", "--workers", "{}"], ["run", "--broker", "{}/x"], ["compare", "{}", "b"]),
        *(["run", "--set=x={}"], ["run", "--workers={}"], ["run", "-w{}"], ["compare", "a", "b", "--fail-on={}"]),
    ],
    ids=" ".join,
)
def test_a_password_is_not_shown_wherever_its_url_was_given(workbench_here: Workbench, arguments: list[str]) -> None:
    """An option that was forgotten leaves its value in the place of something else."""
    ended = workbench_here(*(argument.format("redis://me:s3cr3t@h") for argument in arguments))
    assert ended.status == 2
    assert "s3cr3t" not in ended.err + ended.out


@pytest.mark.parametrize("arguments", [["run"], ["run", "-w"], ["run", "--set"], ["ladder"], ["decide"], ["report"]])
def test_a_value_of_any_length_is_bad_usage_in_a_line(workbench_here: Workbench, arguments: list[str]) -> None:
    """Also one that no file could be called, and with characters that a terminal would obey."""
    ended = workbench_here(*arguments, "é" * 50_000 + "\x1b[2J")
    assert ended.status == 2
    assert len(ended.err) < 2_000
    assert "\x1b" not in ended.err


@pytest.mark.parametrize("arguments", [["run", "quik"], ["report", "nowhere"], ["run", "--nosuch"]], ids=" ".join)
def test_a_message_reaches_the_shell_without_a_traceback(workbench: Workbench, arguments: list[str]) -> None:
    """From a process of its own: status 2, and nothing on standard output."""
    ended = workbench(*arguments)
    assert (ended.status, ended.out) == (2, "")
    assert arguments[-1] in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("rounds = 3\nduration = 1s\n" + VIEW, ["malformed TOML", "line 2", "column"]),
        ("round = 3\n" + VIEW, ["'round'", "plan key", "Did you mean 'rounds'?"]),
        (VIEW.replace("\nloads", "\nload"), ["'load'", "[[view]] 1", "Did you mean 'loads'?"]),
        ("rounds = 0\n" + VIEW, ["rounds from 1", "0"]),
        ('rounds = "three"\n' + VIEW, ["rounds from 1", "'three'"]),
        ("rounds = 3\n", ["view"]),
        (VIEW.replace("noop", "nop"), ["'nop'", "view 'a'", "Did you mean 'noop'?"]),
        (VIEW.replace("fake:2", "fake:0"), ["'fake:0'", "view 'a'"]),
        (VIEW.replace("closed:2", "closed:x"), ["'x'", "view 'a'"]),
        (VIEW + "[view.set]\nnoop.depth = 3\n", ["'depth'", "parameter of noop"]),
        ("view = 5\n", ["view: expected a list"]),
        ("rounds = " + "[" * 3000, ["nested too deeply"]),
        ("rounds = 3\nrequests = " + "9" * 5000 + "\n" + VIEW, ["line 2", "digits"]),
        ("requests = " + "9" * 25 + "\n" + VIEW, ["at most 1000000000"]),
        (VIEW.replace('["fake:2"]', '["fake:2", "fake:3"]') + 'matched = "slots"\n', ["same slots", "fake:3"]),
    ],
)
def test_a_bad_plan_ends_with_2_and_says_the_place(
    workbench_here: Workbench, tmp_path: Path, document: str, said: list[str]
) -> None:
    """The file, the place in it, and what is expected."""
    plan = tmp_path / "mine.toml"
    plan.write_text(document)
    ended = workbench_here("run", str(plan))
    assert ended.status == 2, ended.err
    for words in ("mine.toml", *said):
        assert words in ended.err


@pytest.mark.parametrize("line", ["rung = 5", "rung = [5]", "base = 5", "rounds = [[]]"])
def test_a_bad_ladder_ends_with_2_and_says_the_place(workbench_here: Workbench, tmp_path: Path, line: str) -> None:
    """The key, whatever stands there."""
    ladder = tmp_path / "mine.toml"
    ladder.write_text(
        'base = "fake:2"\nworkload = "noop"\nloads = ["closed:2"]\nrung = []\n'.replace(line[:5], "# ") + line
    )
    ended = workbench_here("ladder", str(ladder))
    assert ended.status == 2, ended.err
    for words in ("mine.toml", f"{line.partition(' ')[0]}"):
        assert words in ended.err


def test_a_folder_that_holds_a_run_is_not_written_over(workbench_here: Workbench, tmp_path: Path) -> None:
    """Nothing measured is lost."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "results.json").write_text("mine")
    ended = workbench_here("run", "-w", "noop", "-c", "fake:2", "-o", str(folder))
    assert ended.status == 2
    assert "already contains a run" in ended.err
    assert (folder / "results.json").read_text() == "mine"


def test_a_parameter_that_a_given_origin_does_not_take_ends_with_2(workbench_here: Workbench, origin_url: str) -> None:
    """The service is asked once, and gets no other request."""
    asked = ["-w", "http_date", "-c", "asyncio:4", "--set", "http_date.latency_ms=5", "--origin", origin_url]
    ended = workbench_here("run", *asked)
    assert ended.status == 2
    assert f"http_date.latency_ms cannot be set: {origin_url} is not the workbench's origin" in ended.err
