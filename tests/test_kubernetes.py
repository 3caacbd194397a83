"""The manifests of Kubernetes are the roles of Compose, with the same programs and the same rights."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
MANIFESTS = ROOT / "deploy" / "kubernetes"
ELSEWHERE = {"owner", "rabbitmq", "postgres", "harness-rabbitmq"}
"""Services of Compose that have none: volumes have their owner, other services are the cluster's own."""


def services() -> dict[str, Any]:
    """Of Compose, without what needs RabbitMQ."""
    composed: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    return {name: made for name, made in composed.items() if name not in ELSEWHERE and "rabbitmq" not in name}


def documents() -> list[dict[str, Any]]:
    """All resources."""
    paths = [path for path in sorted(MANIFESTS.glob("*/*.yaml")) if path.name != "kustomization.yaml"]
    return [made for path in paths for made in yaml.safe_load_all(path.read_text("utf-8"))]


def pods() -> dict[str, dict[str, Any]]:
    """The pod of each Deployment and Job, by its name."""
    return {
        made["metadata"]["name"]: made["spec"]["template"]["spec"]
        for made in documents()
        if made["kind"] in ("Deployment", "Job")
    }


def test_every_role_of_compose_is_there() -> None:
    """By the same name."""
    assert set(pods()) == set(services())


@pytest.mark.parametrize("name", sorted(services()))
def test_a_role_runs_the_same_program_with_the_same_rights(name: str) -> None:
    """What Compose lets the environment choose is its default."""
    pod, service = pods()[name], services()[name]
    (container,) = pod["containers"]
    assert container["image"] == service["image"]
    assert [word for word in words(container) if word not in ALLOWED] == defaults(service)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    rights = container["securityContext"]
    assert rights["readOnlyRootFilesystem"] is service["read_only"] is True
    assert rights["capabilities"]["drop"] == service["cap_drop"] == ["ALL"]
    assert container["resources"]["requests"] == container["resources"]["limits"]


ALLOWED = ("--allow-host", "report")
"""Options that only a cluster needs."""


def words(container: dict[str, Any]) -> list[str]:
    """Its command line."""
    return [*container.get("command", []), *(word.removeprefix("/work/") for word in container.get("args", []))]


def defaults(service: dict[str, Any]) -> list[str]:
    """The command line, with the defaults of variables; without names, which pods have by themselves."""
    line = [*service.get("entrypoint", []), *service["command"]]
    if "--name" in line:
        at = line.index("--name")
        del line[at : at + 2]
    return [
        word.partition(":-")[2].removesuffix("}") if word.startswith("${") else word.replace("$$", "$") for word in line
    ]


def test_every_resource_is_part_of_a_kustomization_and_no_secret_is_written_down() -> None:
    """A file that nothing names would never be applied."""
    for folder in ("base", "run", "drivers"):
        listed = yaml.safe_load((MANIFESTS / folder / "kustomization.yaml").read_text("utf-8"))["resources"]
        assert {path.name for path in (MANIFESTS / folder).glob("*.yaml")} - {"kustomization.yaml"} <= set(listed)
    assert [made for made in documents() if made["kind"] == "Secret"] == []
