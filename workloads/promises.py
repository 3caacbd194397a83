"""The numbers that both sides keep to: time limits, which answers are asked for again, connections.

A connection limit makes no request wait, on either side: asyncio has no limit, and a Celery process keeps a connection
for each of its slots. There are three exceptions, each stated where it is: PostgreSQL's limit below, a parameter of
`http_date`, and a tree of comments on asyncio, which may be wider than a process may have files open.
"""

CONNECT_S = 30.0
"""Until a connection to a service stands."""
ANSWER_S = 300.0
"""Until the whole answer has been read, from the begin of the request: aiohttp's own default."""
RHYTHM_ANSWER_S = 10.0
"""The same for work that comes again: one that hangs must not end the rhythm."""
MOST_REDIRECTS = 10
"""That are followed for one request: aiohttp's own default."""
POSTGRES_CONNECTIONS = 64
"""At most, in one process: PostgreSQL has 100 by default, for all clients."""
PAGES_AT_ONCE = 32
"""Pages that one request fetches at once, in the forms that have a limit."""
THREADS = 64
"""For calls that block, where slots are unbounded; asyncio's own default is CPUs + 4."""
TOO_MANY_REQUESTS = 429


def status_may_pass(status: int) -> bool:
    """Whether an answer with that status may be another one when it is asked for again."""
    return status >= 500 or status == TOO_MANY_REQUESTS


def most_backoff_s(first_s: float, attempt: int) -> float:
    """The most that is waited after failed attempt `attempt` (1, 2…): twice as much after each; how much is drawn."""
    return first_s * float(2 ** (attempt - 1))
