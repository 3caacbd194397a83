"""What may be shown of URLs and errors: no password, ever."""

import string

from hypothesis import given
from hypothesis import strategies as st

from harness.services.shown import one_line, without_password

PASSWORDS = st.text(string.ascii_letters + string.digits + "!$%&*+-.:;=_~", min_size=1).map(lambda text: f"Q{text}Q")


@given(password=PASSWORDS, user=st.sampled_from(["", "me"]), scheme=st.sampled_from(["redis", "rediss"]))
def test_a_password_in_a_url_is_never_shown(password: str, user: str, scheme: str) -> None:
    """Whatever it is made of; user, host and port stay."""
    shown = without_password(f"workbench run --broker {scheme}://{user}:{password}@host:6379/0 --quiet")
    assert password not in shown
    assert f"{scheme}://{user}:***@host:6379/0 --quiet" in shown


def test_a_password_in_the_query_is_not_shown_either() -> None:
    """redis-py takes it there too."""
    assert without_password("redis://h/0?password=sesame&db=1") == "redis://h/0?password=***&db=1"


def test_an_error_is_shown_on_one_line_without_its_password() -> None:
    """Its type stands for one without a text."""
    assert one_line(OSError("cannot reach\n  redis://:sesame@h:1/0.")) == "cannot reach redis://:***@h:1/0"
    assert one_line(TimeoutError()) == "TimeoutError"
