"""The limit of open files of this process and of those that it starts."""

import resource

MOST = 65_536
"""Some programs walk over all descriptors that they may have."""
OPEN_MAX = 10_240
"""What macOS grants in any case."""


def raise_limit() -> int:
    """Raise it as far as this user may, up to `MOST`; returns the limit that holds now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    for limit in (wanted, min(wanted, OPEN_MAX)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
        except (ValueError, OSError):  # macOS grants less than the hard limit that it names
            continue
        return limit
    return soft
