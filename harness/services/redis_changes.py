"""Commands that change a Redis for all its clients, which no run executes: counted as the server counts them."""

from typing import Any

CHANGING = frozenset(
    (
        *("flushall", "flushdb", "swapdb", "debug", "replicaof", "slaveof", "failover", "migrate", "rename"),
        *("config|set", "config|rewrite", "client|kill", "client|pause", "script|kill", "script|flush"),
        *("function|kill", "function|flush", "acl|setuser", "acl|deluser", "acl|load"),
    )
)
"""As `INFO commandstats` names them; of those with a second word, a server before 7.0 counts only the first."""
STATISTICS = "cmdstat_"


def changes_of(info: dict[str, Any]) -> dict[str, int]:
    """Command → how often it was executed, by what `INFO commandstats` says."""
    return {
        command.upper().replace("|", " "): int(value["calls"])
        for name, value in info.items()
        if (command := name.removeprefix(STATISTICS).lower()) in CHANGING
    }
