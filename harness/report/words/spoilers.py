"""What spoils a decision: each kind that a rule of `harness/spoilers/rules/` finds. A test holds it against them."""

from harness.report.words.word import Word


def _spoiler(name: str, means: str, do: str, example: str) -> Word:
    return Word(name, "spoiler", means, do, example)


SPOILERS = (
    _spoiler(
        "sleep-in-coroutine",
        "time.sleep is called where it holds the event loop, and with it all other requests.",
        "await asyncio.sleep(…), or call what sleeps by asyncio.to_thread.",
        "shop/client.py:9: the source calls time.sleep where it holds the event loop",
    ),
    _spoiler(
        "blocking-call",
        "The coroutine calls a library that waits in the thread that calls it, such as requests or psycopg2.",
        "Use a client for asyncio, or call it by asyncio.to_thread.",
        "shop/client.py:12: requests.Session.get waits in the event loop's thread",
    ),
    _spoiler(
        "client-per-call",
        "Each request makes its own client, pool, connection or TLS context, and pays for it each time.",
        "Share it: resources=… of the job on asyncio; once a process on Celery, at first use or by worker signals.",
        "118 connections were opened for 120 requests",
    ),
    _spoiler(
        "small-pool",
        "A pool of connections or threads, or a semaphore, has fewer places than slots: requests wait within the work.",
        "Give it as many places as slots, the same on both sides.",
        "httpx.Limits has 5 places for 32 requests at once",
    ),
    _spoiler(
        "celery-connection",
        "A task opens a connection to the broker each time that it runs, or an application of its own.",
        "Use the application's pools; with gevent, set result_backend_thread_safe=True.",
        "celery-gevent:32: the broker accepted 89 connections for 89 requests",
    ),
    _spoiler(
        "rate-limit",
        "The task's own rate_limit decides what Celery serves, rather than what its workers could do.",
        "Raise it, or start more workers: each has it for itself.",
        "shop/tasks.py:6: rate_limit=10/s lets a worker begin 10 tasks a second, under open:60/s too",
    ),
    _spoiler(
        "expires",
        "Tasks expired before a worker took them: their requests are answered without the work.",
        "Let them live for as long as they may wait, or give Celery more slots.",
        "12 of 60 requests under open:60/s were not executed: they had expired before a worker took them (expires=1)",
    ),
    _spoiler(
        "time-limit",
        "A time limit is shorter than the work, so that it is ended; or the pool does not keep the limit.",
        "Allow for the time that the work takes under load; only prefork keeps hard and soft limits.",
        "1 of 1 requests under closed:1 were ended by soft_time_limit=1",
    ),
    _spoiler(
        "countdown",
        "A request alone waited for an idle worker, as one does that is published with a countdown or an eta.",
        "Publish it without, or let the coroutine wait as long.",
        "a request alone waited for 2 s before an idle worker began it",
    ),
    _spoiler(
        "retries",
        "Celery tried requests again that failed, and the coroutine did not: the sides do not promise the same.",
        "Let the coroutine try again in the same way, or compare both without.",
        "under open:60/s, 31 of 641 requests failed in the end, after further attempts (autoretry_for=['OSError'])",
    ),
    _spoiler(
        "priority",
        "The task has a priority, and the run's queue holds no other task that could come before it.",
        "Expect longer waits where other tasks share its queue.",
        "priority=3 has no effect here",
    ),
    _spoiler(
        "loop-per-task",
        "A task starts an event loop each time that it runs, so that no connection is kept between tasks.",
        "Keep one loop in a thread of the process: asyncio.run_coroutine_threadsafe.",
        "shop/tasks.py:8: each task starts an event loop by asyncio.run",
    ),
)
"""Those that are no doubts too: `loop-blocked` is one."""
