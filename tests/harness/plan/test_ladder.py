"""Ladders: each rung is a view, of which the first cells are the base."""

import msgspec
import pytest

from harness.plan.cells import cells
from harness.plan.ladder import RungPlan, load_ladder, plan_of, shipped, with_settings
from tests.ladders import LADDER_BASE, ladder_of


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_ladder_is_valid(name: str) -> None:
    """Two cells under each load of every rung, of which the first is the base as it is; no floor."""
    ladder = load_ladder(name)
    plan = plan_of(ladder, name)
    assert [view.name for view in plan.view] == [rung.name or rung.setting for rung in ladder.rung]
    assert len({view.name for view in plan.view}) == len(plan.view)
    for view in plan.view:
        assert view.rung is not None
        assert not view.floor
        assert view.publishing
        assert len(cells(msgspec.structs.replace(plan, view=[view]), "the test")) == 2 * len(view.loads)
    assert any(not cell.tuning for cell in cells(plan, "the test"))
    assert all(cell.publishing for cell in cells(plan, "the test"))  # so that apply_async publishes its drains


def test_a_setting_stands_behind_the_bases_own() -> None:
    """Before its slots."""
    assert with_settings("celery-prefork+2-workers:4", ["prefetch-1"]) == "celery-prefork+2-workers+prefetch-1:4"
    assert with_settings("asyncio", ["uvloop"]) == "asyncio+uvloop"


def test_a_rung_has_its_settings_words_unless_it_has_its_own() -> None:
    """What it is, what it gives up, and whether it can lose work."""
    plan = plan_of(
        ladder_of(RungPlan(setting="no-ack-emulation"), RungPlan(setting="msgpack", name="m", gives_up="g")), "mine"
    )
    first, second = plan.view
    assert first.rung is not None
    assert first.rung.unsafe
    assert "redelivery" in first.rung.gives_up
    assert second.rung is not None
    assert (second.rung.gives_up, second.rung.unsafe) == ("g", False)
    assert (second.name, second.contenders) == ("m", [LADDER_BASE, "celery-prefork+msgpack:2"])


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_first_of_each_pair_is_the_base(name: str) -> None:
    """Also where another rung has its cells in another order: what is changed is compared with what was."""
    ladder = load_ladder(name)
    plan = plan_of(ladder, name)
    every = cells(plan, name)
    for rung, view in zip(ladder.rung, plan.view, strict=True):
        assert view.rung is not None
        mine = [cell for cell in every if view.name in cell.views]
        bases = [cell for cell in mine if cell.id in view.rung.base]
        assert sorted(cell.load for cell in bases) == sorted(cell.load for cell in mine if cell not in bases)
        listed = {key: values[0] for key, values in rung.set.items() if isinstance(values, list)}
        for cell in bases:
            assert str(cell.spec) == view.contenders[0]
            assert cell.params.items() >= listed.items()
            assert cell.drivers == (rung.drivers or [1])[0]
