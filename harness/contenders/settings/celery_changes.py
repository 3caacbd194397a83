"""What settings of the Celery side change, all of a contender's taken together. Pure."""

from typing import Any

from harness.contenders.settings.celery_setting import CHUNK_WAIT_S, CelerySetting
from harness.contenders.settings.time_scale import TRANSPORT, scale_of, scaled
from harness.services.redis_keys import HELD_APART, INDEX, MUTEX


def conf_of(settings: tuple[CelerySetting, ...], *, worker: bool, queue: str | None = None) -> dict[str, Any]:
    """What they change of Celery's settings; with the names of what workers of that queue keep, if one is given."""
    found: dict[str, Any] = {}
    for setting in settings:
        for key, value in (setting.conf | (setting.worker_conf if worker else {})).items():
            found[key] = {**found.get(key, {}), **value} if isinstance(value, dict) else value
    changes = scaled(found, scale_of(setting.name for setting in settings))
    transport = changes.get("broker_transport_options", {})
    return changes | {"broker_transport_options": transport | _kept_apart(queue)} if queue and transport else changes


def _kept_apart(queue: str) -> dict[str, str]:
    """Whoever looks gives out again what anybody holds under these names: others' timeouts may be longer."""
    kept = f"{queue}{HELD_APART}"
    return {"unacked_key": kept, "unacked_index_key": f"{kept}{INDEX}", "unacked_mutex_key": f"{kept}{MUTEX}"}


def env_of(settings: tuple[CelerySetting, ...]) -> dict[str, str]:
    """What they add to the workers' environment."""
    return {key: value for setting in settings for key, value in setting.env.items()}


def visibility_timeout_s(settings: tuple[CelerySetting, ...]) -> float:
    """After how long kombu's Redis transport gives out again what was not acknowledged."""
    options = conf_of(settings, worker=True).get("broker_transport_options", {})
    return float(options.get("visibility_timeout", TRANSPORT["visibility_timeout"]))


def expires_s(settings: tuple[CelerySetting, ...]) -> float | None:
    """After how long a message is dropped by whoever takes it; None where a setting does not say."""
    annotated = conf_of(settings, worker=False).get("task_annotations", {}).values()
    return next((float(changes["expires"]) for changes in annotated if "expires" in changes), None)


def chunk_of(settings: tuple[CelerySetting, ...]) -> int:
    """Payloads that a task carries at the most; 0 where one request is one task."""
    return max((setting.chunk for setting in settings), default=0)


def chunk_settings(settings: tuple[CelerySetting, ...]) -> dict[str, Any]:
    """What is said of it on a row."""
    payloads = chunk_of(settings)
    return (
        {"chunk": payloads, "chunk_wait_ms": 1000 * CHUNK_WAIT_S, "slots_are": "payloads at once"} if payloads else {}
    )
