"""What workers say that they executed."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # in a driver, whose memory is measured, numpy would take 10 MB
    import numpy as np
    from numpy.typing import NDArray


class Executed(NamedTuple):
    """What workers executed since they were last asked."""

    numbers: "NDArray[np.int64]"
    """Of the trial's requests: each as often as it was executed."""
    of_others: int = 0
    """Requests of another run."""
    of_nobody: int = 0
    """Tasks that neither a request is, nor any that a request has started."""
    held: int = 0
    """Tasks that they have taken and not ended, as far as they say so."""
    processes_ended: int = 0
    """Processes of their pools that ended without having been asked to."""
