"""What spoils a decision: each kind that a rule of `harness/spoilers/rules/` finds. A test holds it against them."""

from harness.report.words.word import Word


def _spoiler(name: str, means: str, do: str, example: str) -> Word:
    return Word(name, "spoiler", means, do, example)


SPOILERS = (
    _spoiler(
        "sleep-in-coroutine",
        "time.sleep holds the event loop, and with it all other requests.",
        "await asyncio.sleep(…), or use asyncio.to_thread.",
        "shop/client.py:9: time.sleep",
    ),
    _spoiler(
        "blocking-call",
        "The coroutine calls a library that waits in the calling thread, such as requests or psycopg2.",
        "Use a client for asyncio, or asyncio.to_thread.",
        "requests.Session.get waits in the event loop's thread",
    ),
    _spoiler(
        "client-per-call",
        "Each request makes a client, pool, connection or TLS context.",
        "Share it: resources=… of the job on asyncio, once a process on Celery.",
        "118 connections were opened for 120 requests",
    ),
    _spoiler(
        "small-pool",
        "A pool or a semaphore has fewer places than slots: requests wait within the work.",
        "Give it as many places, on both sides.",
        "httpx.Limits has 5 places for 32 requests at once",
    ),
    _spoiler(
        "celery-connection",
        "Each task opens a connection to the broker, or an application of its own.",
        "Use the application's pools; with gevent, set result_backend_thread_safe=True.",
        "celery-gevent:32: 89 connections for 89 requests",
    ),
    _spoiler(
        "rate-limit",
        "The task's own rate_limit decides what Celery serves.",
        "Raise it, or start more workers: each has it for itself.",
        "rate_limit=10/s lets a worker begin 10 tasks a second",
    ),
    _spoiler(
        "expires",
        "Tasks expired before a worker took them: they are answered without the work.",
        "Let them live longer, or use more slots.",
        "12 of 60 requests had expired (expires=1)",
    ),
    _spoiler(
        "time-limit",
        "A time limit is shorter than the work, or the pool does not keep it.",
        "Allow for the time under load; only prefork keeps hard and soft limits.",
        "soft_time_limit=1 ended 1 of 1 requests",
    ),
    _spoiler(
        "countdown",
        "A request alone waited for an idle worker, as with a countdown or an eta.",
        "Publish it without, or let both wait.",
        "a request alone waited for 2 s",
    ),
    _spoiler(
        "retries",
        "Celery tried failed requests again, and the coroutine did not: they promise different things.",
        "Let the coroutine do the same, or compare both without.",
        "31 of 641 requests failed in the end",
    ),
    _spoiler(
        "priority",
        "The task has a priority, and no other task in the run's queue could come before it.",
        "Expect longer waits in a shared queue.",
        "priority=3 has no effect here",
    ),
    _spoiler(
        "loop-per-task",
        "Each task starts an event loop, and so keeps no connection.",
        "Keep one loop in a thread: asyncio.run_coroutine_threadsafe.",
        "shop/tasks.py:8: asyncio.run",
    ),
)
"""Those that are no doubts too: `loop-blocked` is one."""
