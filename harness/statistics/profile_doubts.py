"""Reasons not to trust a row whose stacks were sampled. Pure functions."""

from harness.results.model import Doubt, Profile, RoleProfile, Usage, Usages
from harness.statistics.units import percent

AGREE_WITHIN = 0.05
"""Samples × period and the time that threads ran, or waited for a core, are the same within this."""
ERRORS = 3.0
"""Standard errors of a number of samples that are chance."""


def disagreement(role: RoleProfile, period_ms: float) -> float | None:
    """By what part samples × period differ from the time in which threads ran or waited for a core, beyond chance.

    None where the kernel does not say how long they waited; 0 within what is allowed.
    """
    if role.waiting_s is None or not role.samples:
        return None
    apart = role.samples * period_ms / 1000 / (role.cpu_s + role.waiting_s) - 1
    return apart if abs(apart) > AGREE_WITHIN + ERRORS / role.samples**0.5 else 0.0


def of_profile(profile: Profile, usage: Usages) -> list[Doubt]:
    """That it was sampled; and whether samples or processes are missing, or do not fit the time that there was."""
    doubts = [
        Doubt(
            kind="profiled",
            text=f"its stacks were sampled while it ran ({profile.sampler}), which costs CPU: it shows where CPU goes, "
            "not how fast it is",
            advice="compare the rows that were measured without it",
        )
    ]
    wrong = [f"no samples of {role}: {why}" for role, why in profile.missing.items()]
    for role, seen in profile.roles.items():
        if apart := disagreement(seen, profile.period_ms):
            seconds = seen.samples * profile.period_ms / 1000
            wrong.append(
                f"samples × period of {role} are {seconds:.3g} s, but its threads ran or waited for a core for "
                f"{seen.cpu_s + (seen.waiting_s or 0.0):.3g} s ({percent(apart, signed=True)})"
            )
        whole: Usage | None = getattr(usage, role)
        if whole is None or not whole.cpu_s:
            continue
        cores, sampled = whole.cpu_s / whole.seconds, seen.cpu_s / profile.seconds
        if abs(sampled / cores - 1) > AGREE_WITHIN:
            wrong.append(f"the threads of {role} that were sampled used {sampled:.3g} cores, and the role {cores:.3g}")
    if wrong:
        advice = "measure again on a quieter machine, or for longer (--duration)"
        doubts.append(Doubt(kind="profile-incomplete", text="; ".join(wrong), advice=advice))
    return doubts
