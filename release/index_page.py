"""README.md as a package index shows it: the page lies elsewhere, so that no link of it may be relative."""

import re

LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")
ABSOLUTE = re.compile(r"[a-z]+:|#")
FENCE = re.compile(r"(^```.*?^```)", re.MULTILINE | re.DOTALL)


def index_page(readme: str, repository: str, tag: str) -> str:
    """Links lead to that tag of the repository (`https://github.com/OWNER/NAME`).

    Without a repository, they are their text alone, and pictures are left out.
    """

    def elsewhere(link: re.Match[str]) -> str:
        if ABSOLUTE.match(link["target"]):
            return link[0]
        if not repository:
            return "" if link["image"] else link["text"]
        place = "raw" if link["image"] else "blob"
        return f"{link['image']}[{link['text']}]({repository.rstrip('/')}/{place}/{tag}/{link['target']})"

    return "".join(part if part.startswith("```") else LINK.sub(elsewhere, part) for part in FENCE.split(readme))


def relative_links(page: str) -> list[str]:
    """What its links and pictures name that lies beside it."""
    found = [link["target"] for part in FENCE.split(page) if not part.startswith("```") for link in LINK.finditer(part)]
    return [target for target in found if not ABSOLUTE.match(target)]
