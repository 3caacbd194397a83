"""Plans as they are read from files."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.plan.cells import cells
from harness.plan.reading import load_plan, shipped


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_plan_is_valid(name: str) -> None:
    """All its names, numbers and settings."""
    assert cells(load_plan(name), name)


def test_quick_has_the_three_views() -> None:
    """Matched slots, matched resources, a no-op taken apart; windows of a second, two starts of the services."""
    quick = load_plan("quick")
    slots, resources, layers = quick.view
    assert slots.matched == "slots"
    assert slots.workloads == resources.workloads == ["http_date"]
    assert resources.matched == "resources"
    assert layers.matched == "layers"
    assert layers.workloads == ["noop"]
    assert (quick.rounds, quick.boots, quick.duration) == (2, 2, "1s")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("rounds = 3\nduration = 1s\n", r"p\.toml: malformed TOML: .*line 2, column \d+"),
        ("round = 3\n", r"unknown plan key 'round' in plan .*p\.toml\. Did you mean 'rounds'"),
        ("[[view]]\nload = 3\n", r"unknown plan key 'load' in plan .*p\.toml, \[\[view\]\] 1\. Did you mean 'loads'"),
        (
            '[[view]]\nmatched = "means"\n',
            r"unknown matched 'means' in .*\[\[view\]\] 1\. Valid: layers, none, resources, slots",
        ),
        ("view = 3\n", r"p\.toml: view: expected a list, got a whole number"),
        ("view = []\n", r"p\.toml: expected at least one \[\[view\]\]"),
        (
            '[[view]]\nname = "a"\nworkloads = []\ncontenders = []\ndrivers = [1, 0]\n',
            r"p\.toml, view 'a', drivers: expected a number of processes above 0; got 0",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_reported_with_its_place(tmp_path: Path, document: str, message: str) -> None:
    """File, table and key, or line and column."""
    path = tmp_path / "p.toml"
    path.write_text(document)
    with pytest.raises(UsageError, match=message):
        load_plan(str(path))


def test_an_unknown_name_is_no_path(tmp_path: Path) -> None:
    """A name that is misspelt is answered with names, a missing file with its path."""
    with pytest.raises(UsageError, match=r"unknown plan 'quik' .* Did you mean 'quick'"):
        load_plan("quik")
    with pytest.raises(UsageError, match=r"plan .*missing\.toml: No such file"):
        load_plan(str(tmp_path / "missing.toml"))


@pytest.mark.parametrize("name", ["a" * 300, "é" * 200 + ".toml", "a" * 300 + ":b"])
def test_a_name_that_no_file_can_have_is_none(name: str) -> None:
    """The system says so by an error."""
    with pytest.raises(UsageError):
        load_plan(name)


def test_a_plan_may_begin_with_a_byte_order_mark_and_have_lines_of_windows(tmp_path: Path) -> None:
    """As its editors write them."""
    path = tmp_path / "p.toml"
    text = '[[view]]\nname = "a"\nworkloads = ["noop"]\ncontenders = ["fake:1"]\nloads = ["closed:1"]\n'
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load_plan(str(path)).view[0].name == "a"
