"""The limit of open files of this process and of those that it starts."""

import resource

MOST = 65_536
"""Some programs walk over all descriptors that they may have."""


def raise_limit() -> int:
    """Raise it as far as this user may, up to `MOST`; returns the limit that holds now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
