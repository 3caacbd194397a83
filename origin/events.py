"""A GitHub-style public events feed: about 30 events as JSON, the same for the same seed."""

import json
import random
from typing import Any

KINDS = ("PushEvent", "PullRequestEvent", "IssuesEvent", "WatchEvent", "ForkEvent", "IssueCommentEvent")
WORDS = (
    "cache",
    "retry",
    "broker",
    "queue",
    "loop",
    "worker",
    "stream",
    "socket",
    "parser",
    "schema",
    "index",
    "shard",
)


def feed(seed: int, events: int = 30) -> bytes:
    """The body of `GET /events`, about 20 kB for 30 events."""
    draw = random.Random(seed)
    return json.dumps([_event(draw, number) for number in range(events)]).encode()


def _event(draw: random.Random, number: int) -> dict[str, Any]:
    actor = f"{draw.choice(WORDS)}-{draw.randrange(10_000)}"
    repo = f"{draw.choice(WORDS)}/{draw.choice(WORDS)}-{draw.choice(WORDS)}"
    actor_id, repo_id = draw.randrange(10**8), draw.randrange(10**9)
    return {
        "id": str(40_000_000_000 + number),
        "type": draw.choice(KINDS),
        "actor": {
            "id": actor_id,
            "login": actor,
            "display_login": actor,
            "gravatar_id": "",
            "url": f"https://api.example.com/users/{actor}",
            "avatar_url": f"https://avatars.example.com/u/{actor_id}?",
        },
        "repo": {"id": repo_id, "name": repo, "url": f"https://api.example.com/repos/{repo}"},
        "payload": {
            "repository_id": repo_id,
            "push_id": draw.randrange(10**10),
            "size": 1,
            "ref": f"refs/heads/{draw.choice(WORDS)}",
            "head": f"{draw.getrandbits(160):040x}",
            "before": f"{draw.getrandbits(160):040x}",
            "commits": [
                {
                    "sha": f"{draw.getrandbits(160):040x}",
                    "message": " ".join(draw.choices(WORDS, k=8)),
                    "distinct": True,
                }
            ],
        },
        "public": True,
        "created_at": f"2026-01-01T00:{number % 60:02d}:00Z",
    }
