"""Settings of the Celery side. Each changes the application's settings (`celery_side/app.py`)."""

import os

from harness.contenders.settings import time_scale
from harness.contenders.settings.celery_setting import (
    CHUNK,
    CHUNK_WAIT_S,
    PUBLISHING,
    QUEUE_ARGUMENTS,
    WITHOUT_HIREDIS,
    CelerySetting,
)
from harness.contenders.settings.setting import Numbered

CHUNK_LEAST, CHUNK_MOST = 2, 1000


def chunk(payloads: int) -> CelerySetting:
    """One task for so many payloads."""
    return CelerySetting(
        name=f"chunk-{payloads}",
        about=f"a task carries up to {payloads} payloads, those that fall due within {1000 * CHUNK_WAIT_S:g} ms; its "
        "replies come together",
        gives_up="a payload waits for its chunk to be filled, and for the others' replies; what loses a task loses all",
        producer=CHUNK,
        chunk=payloads,
        family=PUBLISHING,
    )


def expires(after_s: int) -> CelerySetting:
    """A task that a worker has not taken by then is not executed."""
    return CelerySetting(
        name=f"expires-{after_s}",
        about=f"a task that no worker has begun {after_s} s after it was published is dropped, and its caller is told",
        gives_up="requests that would be served late",
        conf={"task_annotations": {"*": {"expires": after_s}}},
        excludes=("lean-producer",),
        drops=True,
        family="expires",
    )


def max_length(messages: int) -> CelerySetting:
    """A queue that takes no more than so many messages."""
    return CelerySetting(
        name=f"max-length-{messages}",
        about=f"with {messages} messages waiting, the queue refuses another one (x-max-length, reject-publish, and "
        "publisher confirms, without which nobody would know)",
        gives_up="requests that would be served late; the time of a round trip to the broker for each publish",
        conf={
            QUEUE_ARGUMENTS: {"x-max-length": messages, "x-overflow": "reject-publish"},
            "broker_transport_options": {"confirm_publish": True},
        },
        rabbitmq_only=True,
        excludes=("lean-producer",),
        drops=True,
        family="max-length",
    )


def visibility(timeout_s: int) -> CelerySetting:
    """Redis gives out again what was not acknowledged so long after it was fetched."""
    return CelerySetting(
        name=f"visibility-{timeout_s}",
        about=f"Redis gives out again what was not acknowledged within {timeout_s} s (visibility_timeout)",
        gives_up="single execution of whatever takes longer than that from when it was prefetched",
        conf={"broker_transport_options": {"visibility_timeout": timeout_s}},
        redis_only=True,
        family="visibility timeout",
    )


def time_limit(limit_s: int) -> CelerySetting:
    """A child that works on a task for so long is killed."""
    return CelerySetting(
        name=f"time-limit-{limit_s}",
        about=f"a task that runs for more than {limit_s} s fails; its child is killed (task_time_limit)",
        gives_up="tasks that would have ended later",
        worker_conf={"task_time_limit": limit_s},
        family="time limit",
    )


def queues(number: int, part: str) -> CelerySetting:
    """Kinds of job do not wait for each other."""
    return CelerySetting(
        name=f"{number}-queues",
        about=f"kinds of job have {number} queues by their times, each with a worker and {part} the slots",
        gives_up="slots: those of one queue are idle while requests wait in another",
        workers=number,
        queues=number,
        excludes=("lean-producer",),
        family="workers",
    )


def with_time_scale(scale: int) -> CelerySetting:
    """All settings that are times are so much shorter."""
    return CelerySetting(
        name=time_scale.setting_of(scale),
        about=f"its times pass {scale} times as fast: visibility timeout, limits, expiry, shutdown",
        redis_only=True,
    )


NUMBERED = {
    "chunk": Numbered(chunk, CHUNK_LEAST, CHUNK_MOST),
    "expires": Numbered(expires, 1, 86_400),
    "max-length": Numbered(max_length, 1, 1_000_000),
    "time-limit": Numbered(time_limit, 1, 86_400),
    time_scale.NAME: Numbered(with_time_scale, time_scale.LEAST, time_scale.MOST),
    "visibility": Numbered(visibility, 1, 86_400),
}
SETTINGS = (
    CelerySetting(
        name="batch",
        about="the client publishes all tasks of a millisecond as one batch (Producer.batch)",
        gives_up="at most 1 ms of latency; a failed batch may have been delivered in part",
        producer="batch",
        redis_only=True,
        family=PUBLISHING,
    ),
    CelerySetting(
        name="lean-producer",
        about="the harness publishes ready-made messages in batches and takes results in bulk: what workers can do",
        gives_up="the cost of apply_async and of waiting for results, which a user's process pays",
        producer="lean",
        relieves="driver",
        excludes=("events",),
        family=PUBLISHING,
    ),
    CelerySetting(
        name="usual-producer",
        about="apply_async publishes, also the requests of a drain, for which the lean producer is the default",
        producer="apply_async",
        family=PUBLISHING,
    ),
    chunk(16),
    CelerySetting(
        name="prefetch-1",
        about="one message prefetched per slot instead of four",
        worker_conf={"worker_prefetch_multiplier": 1},
        family="prefetch",
    ),
    CelerySetting(
        name="prefetch-64",
        about="64 messages prefetched per slot instead of four",
        gives_up="fairness: a worker may be idle while another one holds messages",
        worker_conf={"worker_prefetch_multiplier": 64},
        family="prefetch",
    ),
    CelerySetting(
        name="acks-late",
        about="a message is acknowledged after its task instead of before",
        gives_up="single execution: tasks of a lost worker run again, so they must be idempotent",
        worker_conf={"task_acks_late": True},
        promise="at least once",
    ),
    CelerySetting(
        name="reject-on-worker-lost",
        about="with acks-late: the task of a child that was killed goes back to its queue instead of failing",
        gives_up="an end to a task that kills its child each time",
        worker_conf={"task_acks_late": True, "task_reject_on_worker_lost": True},
        promise="at least once",
    ),
    CelerySetting(
        name="short-visibility",
        about="Redis gives out again what was not acknowledged within 5 s, and looks for it every second",
        gives_up="single execution of whatever takes longer than that from when it was prefetched",
        conf={
            "broker_transport_options": {
                "visibility_timeout": 5,
                "unacked_restore_interval": 1,
                "unacked_restore_throttle": 1,
            }
        },
        redis_only=True,
        family="visibility timeout",
    ),
    visibility(120),
    time_limit(600),
    CelerySetting(
        name="soft-shutdown",
        about="on SIGQUIT, tasks have 3 s to end before they are cut off (worker_soft_shutdown_timeout)",
        worker_conf={"worker_soft_shutdown_timeout": 3.0},
    ),
    CelerySetting(
        name="confirms",
        about="RabbitMQ confirms each message before publishing returns",
        gives_up="the time of a round trip to the broker's disk for each publish",
        conf={"broker_transport_options": {"confirm_publish": True}},
        rabbitmq_only=True,
    ),
    CelerySetting(
        name="quorum",
        about="the queue is a quorum queue of RabbitMQ, on several nodes where there are several",
        gives_up="throughput of the broker",
        conf={"task_default_queue_type": "quorum", "worker_detect_quorum_queues": True},
        rabbitmq_only=True,
    ),
    expires(2),
    max_length(64),
    CelerySetting(
        name="events",
        about="task events enabled, as monitoring needs them",
        conf={"worker_send_task_events": True, "task_send_sent_event": True},
        sends_more=True,
    ),
    CelerySetting(
        name="msgpack",
        about="msgpack instead of JSON, for tasks and results",
        gives_up="human-readable messages",
        conf={
            "task_serializer": "msgpack",
            "result_serializer": "msgpack",
            "accept_content": ["json", "msgpack"],
            "result_accept_content": ["json", "msgpack"],
        },
    ),
    CelerySetting(
        name="gzip",
        about="messages and results compressed with gzip",
        conf={"task_compression": "gzip", "result_compression": "gzip"},
    ),
    CelerySetting(
        name="no-ack-emulation",
        about="the Redis transport keeps no copy of a message until it is acknowledged",
        gives_up="redelivery: messages that a lost worker had fetched are lost",
        unsafe=True,
        redis_only=True,
        conf={"broker_transport_options": {"ack_emulation": False}},
    ),
    CelerySetting(
        name="no-hiredis",
        about="workers parse the replies of Redis in Python, as without the package hiredis",
        env={"PYTHONPATH": os.pathsep.join(filter(None, [WITHOUT_HIREDIS, os.environ.get("PYTHONPATH")]))},
    ),
    CelerySetting(
        name="own-result-connections",
        about="a result connection for each greenlet or thread, which is Celery's default",
        worker_conf={"result_backend_thread_safe": False},
    ),
    CelerySetting(
        name="unix-socket",
        about="Redis over its Unix socket instead of TCP",
        gives_up="workers on other machines",
        unix_socket=True,
    ),
    CelerySetting(
        name="2-workers",
        about="two workers, each with half the slots, instead of one",
        gives_up="memory of a second main process",
        workers=2,
        relieves="worker main process",
        family="workers",
    ),
    queues(2, "half"),
    queues(3, "a third of"),
    CelerySetting(name="nothing", about="no change: shows the noise of the measurement"),
)
TUNED = ("batch",)
