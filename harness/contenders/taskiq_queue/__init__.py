"""taskiq with taskiq-redis: a broker on a Redis stream, whose worker runs the asyncio side's coroutines."""
