"""A time scale as a setting: which settings of Celery it makes shorter."""

from typing import Any, cast

from harness.contenders.contender import contender_of
from harness.contenders.settings.celery_changes import conf_of, visibility_timeout_s
from harness.contenders.settings.celery_setting import CelerySetting
from harness.contenders.settings.setting import resolve
from harness.contenders.settings.time_scale import TRANSPORT, scale_of


def changed(*names: str) -> dict[str, Any]:
    """What these settings change of a worker's."""
    return conf_of(settings(*names), worker=True)


def settings(*names: str) -> tuple[CelerySetting, ...]:
    """By name."""
    return cast(tuple[CelerySetting, ...], resolve("celery", names, "the test"))


def test_all_that_are_times_are_as_much_shorter_and_nothing_else_is() -> None:
    """Limits, expiry, shutdown, the visibility timeout and how often a worker looks for it."""
    names = ("visibility-120", "expires-30", "time-limit-600", "soft-shutdown", "prefetch-1", "acks-late")
    plain, scaled = changed(*names), changed(*names, "time-scale-60")
    assert (scaled["task_time_limit"], scaled["worker_soft_shutdown_timeout"]) == (10.0, 3.0 / 60)
    assert scaled["task_annotations"] == {"*": {"expires": 0.5}}
    transport = scaled["broker_transport_options"]
    assert (transport["visibility_timeout"], transport["unacked_restore_interval"]) == (2.0, 10 / 60)
    same = {"worker_prefetch_multiplier", "task_acks_late"}
    assert {key: plain[key] for key in same} == {key: scaled[key] for key in same}


def test_workers_with_another_timeout_keep_what_they_hold_under_the_name_of_their_queue() -> None:
    """Else they would give out again what others hold, whose timeout is longer."""
    kept = conf_of(settings("visibility-120"), worker=True, queue="q")["broker_transport_options"]
    names = {"unacked_key": "q.unacked", "unacked_index_key": "q.unacked_index", "unacked_mutex_key": "q.unacked_mutex"}
    assert kept == {"visibility_timeout": 120} | names
    assert "broker_transport_options" not in conf_of(settings("acks-late"), worker=True, queue="q")


def test_a_timeout_that_nobody_has_set_is_shorter_too() -> None:
    """Kombu's defaults, as they are in the version that is installed."""
    from kombu.transport.redis import Channel

    assert {key: getattr(Channel, key) for key in TRANSPORT} == TRANSPORT
    assert visibility_timeout_s(settings("time-scale-60")) == 60.0
    assert visibility_timeout_s(settings()) == 3600.0


def test_a_scale_is_read_from_a_name_alone() -> None:
    """1 where there is none."""
    assert (scale_of(["acks-late", "time-scale-60"]), scale_of(["acks-late"]), scale_of([])) == (60, 1, 1)


def test_a_pool_that_ignores_time_limits_has_none() -> None:
    """Else a row would say that it had."""
    assert (
        contender_of("celery-threads", ["time-limit-5"]).cannot("mix", None) == "the threads pool ignores time limits"
    )
    assert contender_of("celery-prefork", ["time-limit-5"]).cannot("mix", None) is None
