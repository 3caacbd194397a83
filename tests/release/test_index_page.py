"""The README on a page of a package index, which lies elsewhere than the files that it leads to."""

import pytest

from release.distributions import ROOT
from release.index_page import index_page, relative_links

README = "[a](docs/a.md#b), [c](https://example.org/), [d](#d)\n![e](docs/e.png)\n\n```\n[f](g)\n```\n"


def test_links_lead_to_the_tag_of_the_repository() -> None:
    """Pictures to the files themselves; code is left as it is."""
    page = index_page(README, "https://example.org/me/it/", "v1.0.0")
    assert page == (
        "[a](https://example.org/me/it/blob/v1.0.0/docs/a.md#b), [c](https://example.org/), [d](#d)\n"
        "![e](https://example.org/me/it/raw/v1.0.0/docs/e.png)\n\n```\n[f](g)\n```\n"
    )


def test_without_a_repository_there_is_no_dead_link_and_no_broken_picture() -> None:
    """The text of a link stays."""
    assert index_page(README, "", "v1.0.0") == "a, [c](https://example.org/), [d](#d)\n\n\n```\n[f](g)\n```\n"


@pytest.mark.parametrize("repository", ["", "https://example.org/me/it"])
def test_no_link_of_the_readme_is_relative_there(repository: str) -> None:
    """In the tree they are."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "docs/pictures/card.png" in relative_links(readme)
    assert relative_links(index_page(readme, repository, "v1.0.0")) == []
