"""Several queues of one contender: how they are named, for whoever publishes, consumes and removes. Pure."""


def queues_of(queue: str, number: int) -> list[str]:
    """The contender's own, and those beside it."""
    return [queue, *(f"{queue}.{index}" for index in range(2, number + 1))]
