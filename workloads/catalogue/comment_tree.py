"""comment_tree: a tree whose children are known only once their parent has been fetched; all are counted."""

from typing import Annotated, Any

from msgspec import Meta

from workloads.origin_url import slow_url
from workloads.promises import TREE_CONNECTIONS
from workloads.workload import Figures, Measure, Params, Payload, Places, Workload


class CommentTreeParams(Params, frozen=True, kw_only=True):
    """Settings of `comment_tree`."""

    depth: Annotated[int, Meta(ge=0, le=5, description="levels below the first comment")] = 2
    branching: Annotated[int, Meta(ge=1, le=10, description="answers to each comment above the last level")] = 3
    latency_ms: Annotated[float, Meta(ge=0, le=60_000, description="the origin's latency for a comment")] = 10.0


class CommentTree(Workload[CommentTreeParams]):
    """A Celery task must not wait for its subtasks, and replaces itself by a chord of its children.

    Once tasks that wait for others hold all slots, nothing proceeds.
    """

    summary = "walks a tree that is discovered while it is fetched: recursive coroutines against chords"
    in_practice = "crawling a site, walking remote folders, resolving dependencies"
    look_at = "`comments_per_s` by depth and branching: each level costs a chord on Celery, a few coroutines on asyncio"
    is_about = Measure("comments_per_s", "comments read", "higher")
    Params = CommentTreeParams
    needs = frozenset({"origin"})
    of_origin = frozenset({"depth", "branching", "latency_ms"})
    waits = frozenset({"latency_ms"})

    def payload(self, number: int) -> Payload:
        """The URL of the comments, the first comment, and the query string of each request."""
        query = slow_url("", "", self.params.latency_ms, depth=self.params.depth, branching=self.params.branching)
        return {"base_url": f"{self.services.origin_url}/comments/", "comment": "0", "query": query}

    def check(self, payload: Payload, reply: Any) -> str | None:
        """Every comment was counted once."""
        return None if reply == self._comments else f"expected {self._comments} comments, got {reply!r}"

    def derive(self, figures: Figures) -> dict[str, float]:
        """Comments a second; requests that the origin answered for a tree."""
        found = {"comments_per_s": figures.throughput_per_s * self._comments}
        served = figures.served_per_reply
        return found if served is None else found | {"requests_a_tree": served}

    def at_once(self, side: str, slots: int | None) -> Places | None:
        """The connections, of which each comment takes one for as long as the origin takes."""
        if side != "asyncio":
            return None
        return Places("connections", TREE_CONNECTIONS, self._comments * self.params.latency_ms / 1000)

    @property
    def origin_ms(self) -> float:
        """The latency."""
        return self.params.latency_ms

    @property
    def _comments(self) -> int:
        return sum(self.params.branching**level for level in range(self.params.depth + 1))

    @property
    def ideal_s(self) -> float:
        """All of a level at once, one level after the other."""
        return (self.params.depth + 1) * self.params.latency_ms / 1000


WORKLOAD = CommentTree
