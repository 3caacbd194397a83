"""One row: what was asked, the figure, its bound, how that is known, and the verdict."""

from typing import Literal, NamedTuple

from harness.statistics.units import percent

TOLERANCE = 0.02
Verdict = Literal["right", "refused", "impossible", "named", "not run here", "disturbed", "WRONG"]


class Row(NamedTuple):
    """A finished row."""

    asked: str
    figure: str
    bound: str
    known: str
    """How the bound is known."""
    verdict: Verdict

    def show(self) -> None:
        """Print it."""
        print(f"  {self.verdict:12} {self.asked}: {self.figure}; {self.bound}, known by {self.known}", flush=True)


def near(asked: str, figure: float, bound: float, unit: str, known: str, edges: float = 0.0) -> Row:
    """Right where the figure lies within 2 % of its bound.

    `edges`: the share of it that requests cut by the ends of the window can make of a count, beside the 2 %.
    """
    off = figure / bound - 1
    verdict: Verdict = "right" if abs(off) <= TOLERANCE + edges else "WRONG"
    cut = f", {percent(edges, 1)} cut by the window's ends" if edges else ""
    return Row(asked, f"{figure:.4g}{unit} ({percent(off, 2, signed=True)}{cut})", f"{bound:.4g}{unit}", known, verdict)


def below(asked: str, figure: float, bound: float, unit: str, known: str, least: float) -> Row:
    """Right where the figure lies below its bound, and not further than to `least` of it."""
    verdict: Verdict = "right" if least * bound <= figure < bound else "WRONG"
    return Row(asked, f"{figure:.4g}{unit}", f"below {bound:.4g}{unit}", known, verdict)


def not_run(asked: str, why: str) -> Row:
    """Left out on this machine."""
    return Row(asked, "none", why, "nothing", "not run here")
