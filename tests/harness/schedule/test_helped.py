"""What helped on a ladder, and what is put together of it."""

from harness.plan.cells import cells
from harness.plan.ladder import RungPlan
from harness.plan.plan import Plan
from harness.schedule.helped import helped, together
from harness.statistics.rungs import TOGETHER
from tests.ladders import LADDER_BASE, effect_of, ladder_of, ladder_results_of


def test_what_helped_is_faster_and_safe() -> None:
    """Latency may be the price of a rate, a rate of latency not; what can lose work is never among it."""
    names = ("batch", "msgpack", "no-ack-emulation", "acks-late", "unix-socket")
    ladder = ladder_of(*(RungPlan(setting=name) for name in names), RungPlan(setting="gzip", workload="sleep"))
    effects = [
        effect_of("batch", "publish_per_s", "faster"),
        effect_of("batch", "latency_p50_ms", "slower"),
        effect_of("msgpack", "throughput_per_s", "no difference"),
        effect_of("no-ack-emulation", "throughput_per_s", "faster"),
        effect_of("acks-late", "latency_p50_ms", "faster"),
        effect_of("acks-late", "throughput_per_s", "slower"),
        effect_of("unix-socket", "latency_p50_ms", "faster"),
        effect_of("gzip", "throughput_per_s", "faster"),
    ]
    chosen = helped(ladder, ladder_results_of(*effects, unsafe=("no-ack-emulation",)))
    assert [rung.setting for rung in chosen] == ["batch", "unix-socket"]


def test_of_what_excludes_each_other_the_best_is_taken() -> None:
    """Settings that do, and two values of one parameter; a latency that falls is a gain as a rate that rises."""
    ladder = ladder_of(
        RungPlan(setting="prefetch-1"),
        RungPlan(setting="prefetch-64"),
        RungPlan(name="small", set={"payload_bytes": [9, 1]}),
        RungPlan(name="none", set={"payload_bytes": [9, 0]}),
    )
    effects = [
        effect_of("prefetch-1", "throughput_per_s", "faster", 1.2),
        effect_of("prefetch-64", "throughput_per_s", "faster", 1.3),
        effect_of("small", "latency_p50_ms", "faster", 0.5),
        effect_of("none", "throughput_per_s", "faster", 1.5),
    ]
    chosen = helped(ladder, ladder_results_of(*effects))
    assert [rung.name or rung.setting for rung in chosen] == ["prefetch-64", "small"]


def test_all_that_helped_has_every_load_of_theirs() -> None:
    """And the ladder's own; the base beside it."""
    ladder = ladder_of(
        RungPlan(setting="batch", loads=["drain:100"]), RungPlan(setting="events"), set={"payload_bytes": 9}
    )
    base, changed = together(ladder, ladder.rung)
    assert (base.name, changed.name) == (TOGETHER, TOGETHER)
    assert (base.contenders, changed.contenders) == ([LADDER_BASE], ["celery-prefork+batch+events:2"])
    for view in (base, changed):
        assert (view.loads, view.set, view.floor) == (["closed:16", "drain:100"], {"noop": {"payload_bytes": 9}}, False)
    assert base.rung is not None
    assert base.rung.base == tuple(f"noop[payload_bytes=9]/{LADDER_BASE}/{load}" for load in base.loads)


def test_parameters_and_processes_are_put_together_with_settings() -> None:
    """Under the loads that so many processes can share."""
    ladder = ladder_of(
        RungPlan(setting="uvloop"),
        RungPlan(name="form", set={"how": ["semaphore", "gather"]}),
        RungPlan(name="two processes", drivers=[1, 2]),
        base="asyncio:64",
        workload="http_fanout",
        set={"latency_ms": 1},
        loads=["closed:4", "closed:1"],
    )
    base, changed = together(ladder, ladder.rung)
    assert (base.contenders, base.drivers, base.set) == (["asyncio:64"], [], {"http_fanout": {"latency_ms": 1}})
    assert (changed.contenders, changed.drivers) == (["asyncio+uvloop:64"], [2])
    assert changed.set == {"http_fanout": {"latency_ms": 1, "how": "gather"}}
    assert base.loads == changed.loads == ["closed:4"]
    assert len(cells(Plan(view=[base, changed]), "the test")) == 2
