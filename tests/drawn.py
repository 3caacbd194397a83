"""What hypothesis draws for several tests."""

from hypothesis import strategies as st

CHARACTERS = st.characters(exclude_categories=["Cs"])
"""All that can be encoded, as in `st.text()`, which finds them by trying: two seconds of CPU."""
