"""Which two runs of a list are chosen to be compared."""

from harness.report.run_list import ListedRun, to_compare


def run(identity: str, *rows: int, status: str = "done") -> ListedRun:
    """With these rows."""
    return ListedRun(identity, f"/runs/{identity}/", status=status, rows=frozenset(rows))


def test_the_newest_two_that_measured_some_of_the_same_are_chosen() -> None:
    """A run that goes on would be compared by half of its rounds."""
    runs = [run("going", 1, status="running"), run("other", 2), run("new", 1, 3), run("base", 1), run("older", 1)]
    chosen = to_compare(runs)
    assert chosen is not None
    assert [each.id for each in chosen] == ["base", "new"]
    assert to_compare([run("a", 1), run("b", 2)]) is None
