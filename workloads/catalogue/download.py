"""download: a large body, streamed and hashed, never held in memory as a whole."""

from typing import Annotated, Any

from msgspec import Meta

from workloads.origin_url import slow_url
from workloads.workload import Figures, Measure, Params, Payload, Workload

MIB = 2**20


class DownloadParams(Params, frozen=True, kw_only=True):
    """Settings of `download`."""

    mib: Annotated[float, Meta(ge=2**-20, le=256, description="size of the body")] = 1.0
    latency_ms: Annotated[float, Meta(ge=0, le=60_000, description="the origin's latency before the first byte")] = 10.0


class Download(Workload[DownloadParams]):
    """Its digest is compared with the one that the origin gave (RFC 9530)."""

    summary = "streams a body of n MiB and hashes it"
    in_practice = "exports, backups, media and model files"
    look_at = "`MiB_per_s`, memory (no side holds a whole body) and CPU (hashing uses a core)"
    is_about = Measure("MiB_per_s", "data read and hashed", "higher")
    Params = DownloadParams
    needs = frozenset({"origin"})
    of_origin = frozenset({"latency_ms"})

    def payload(self, number: int) -> Payload:
        """The URL of a body of that size."""
        return {"url": slow_url(self.services.origin_url, f"/blob/{self._size}", self.params.latency_ms)}

    @property
    def expected_s(self) -> float:
        """Until the first byte."""
        return self.params.latency_ms / 1000

    @property
    def origin_ms(self) -> float:
        """Until the first byte."""
        return self.params.latency_ms

    @property
    def origin_requests(self) -> float:
        """One at the least."""
        return 1.0

    def check(self, payload: Payload, reply: Any) -> str | None:
        """All of it came; the side has compared the digests."""
        return None if reply == self._size else f"expected {self._size} bytes, got {reply!r}"

    def derive(self, figures: Figures) -> dict[str, float]:
        """Mebibytes a second, of whole bytes."""
        return {"MiB_per_s": figures.throughput_per_s * self._size / MIB}

    @property
    def _size(self) -> int:
        return int(self.params.mib * MIB)

    @property
    def ideal_s(self) -> None:
        """Nobody knows how fast the network and the processors are."""
        return None


WORKLOAD = Download
