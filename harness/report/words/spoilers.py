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
        "loop-per-task",
        "A task starts an event loop each time that it runs, so that no connection is kept between tasks.",
        "Keep one loop in a thread of the process: asyncio.run_coroutine_threadsafe.",
        "shop/tasks.py:8: each task starts an event loop by asyncio.run",
    ),
)
"""Those that are no doubts too: `loop-blocked` is one."""
