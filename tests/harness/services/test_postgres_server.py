"""Which PostgreSQL a run starts."""

from pathlib import Path

import pytest

from harness.services.servers import postgres
from harness.services.servers.postgres import BINARIES


def test_binaries_of_both_are_needed_and_a_link_leads_to_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest of Debian's, whatever its folders are called."""
    for folder, names in {"path": [], "real": BINARIES, "deb/9.6/bin": BINARIES, "deb/17beta1/bin": BINARIES}.items():
        (tmp_path / folder).mkdir(parents=True)
        for name in names:
            (tmp_path / folder / name).touch(0o755)
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path / "deb")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    (tmp_path / "path" / "initdb").touch(0o755)
    assert postgres.find_binaries() == tmp_path / "deb/17beta1/bin"
    (tmp_path / "path" / "initdb").unlink()
    (tmp_path / "path" / "initdb").symlink_to(tmp_path / "real" / "initdb")
    assert postgres.find_binaries() == tmp_path / "real"
