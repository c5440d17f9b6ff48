"""What `deploy/` starts exists: commands and options of the CLI, ports that fit, parts that are all there."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from crisislib.cli.app import app
from crisislib.core.shard import shard_of
from crisislib.engine.home_folders import read_marker
from crisislib.lake.object_store import address_of

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))["services"]
OBJECTS: list[dict[str, Any]] = [
    one for one in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8")) if one
]
WORKLOADS = {o["metadata"]["name"]: o for o in OBJECTS if o["kind"] in ("StatefulSet", "Deployment")}
SERVICES = {o["metadata"]["name"]: o for o in OBJECTS if o["kind"] == "Service"}


def container(workload: dict[str, Any]) -> dict[str, Any]:
    (only,) = workload["spec"]["template"]["spec"]["containers"]
    return only


def words(one: dict[str, Any], pod: str = "crisis-monitor-2") -> list[str]:
    """The command as the container starts it; what a shell works out is worked out."""
    command = [*one["command"], *one.get("args", [])]
    if command[0] != "/bin/sh":
        return command
    number = int(pod.rsplit("-", 1)[1]) + 1
    return shlex.split(command[-1].replace("$((${HOSTNAME##*-} + 1))", str(number)))[1:]


def commands() -> Iterator[tuple[str, list[str]]]:
    for name, service in COMPOSE.items():
        yield f"compose {name}", service["command"]
    for name, workload in WORKLOADS.items():
        yield f"kubernetes {name}", words(container(workload))


@pytest.mark.parametrize(("where", "command"), list(commands()), ids=[where for where, _ in commands()])
def test_every_command_exists_with_its_options(where: str, command: list[str]) -> None:
    if command[0] == "sail":
        assert command[1:3] == ["spark", "server"] and set(command[3::2]) == {"--ip", "--port"}
        return
    assert command[0] == "crisis"
    known = typer.main.get_command(app).commands[command[1]]  # type: ignore[attr-defined]
    options = {text for p in known.params for text in p.opts}
    assert [text for text in command[2:] if text.startswith("--") and text not in options] == []
    known.make_context(command[1], command[2:])  # values are of the right types, nothing is missing


def option(command: list[str], name: str) -> str:
    return command[command.index(name) + 1]


def test_the_parts_of_the_watches_are_all_there_and_each_once() -> None:
    monitor = WORKLOADS["crisis-monitor"]
    of = monitor["spec"]["replicas"]
    pods = [shard_of(option(words(container(monitor), f"crisis-monitor-{i}"), "--shard")) for i in range(of)]
    assert monitor["kind"] == "StatefulSet" and [(p.number, p.of) for p in pods] == [(i + 1, of) for i in range(of)]
    beside = [shard_of(option(s["command"], "--shard")) for n, s in COMPOSE.items() if n.startswith("monitor")]
    assert sorted((p.number, p.of) for p in beside) == [(i + 1, len(beside)) for i in range(len(beside))]


def test_ports_and_health_fit_the_commands() -> None:
    for name, workload in WORKLOADS.items():
        one = container(workload)
        ports = {p["name"]: p["containerPort"] for p in one.get("ports", [])}
        for probe in ("readinessProbe", "livenessProbe"):
            asked = one.get(probe, {})
            where = asked.get("httpGet") or asked.get("tcpSocket")
            if where:
                assert where["port"] in ports and where.get("path", "/health") in ("/health", "/metrics")
        if ports:
            assert option(words(one), "--port") == str(*ports.values()), name
            assert "0.0.0.0" in words(one), "the platform asks from outside the container"
    for name, service in SERVICES.items():
        labels = WORKLOADS[name]["spec"]["template"]["metadata"]["labels"]
        assert service["spec"]["selector"].items() <= labels.items()
        named = {p["name"] for p in container(WORKLOADS[name])["ports"]}
        assert {p["targetPort"] for p in service["spec"]["ports"]} <= named
    for name, service in COMPOSE.items():
        if "healthcheck" in service:
            port = option(service["command"], "--port")
            assert re.search(rf"\b{port}\b", service["healthcheck"]["test"][-1]), name


def test_volumes_secrets_and_selectors_are_named_alike() -> None:
    for workload in WORKLOADS.values():
        spec = workload["spec"]
        assert spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()
        volumes = {v["name"] for v in spec["template"]["spec"].get("volumes", [])}
        assert {m["name"] for m in container(workload).get("volumeMounts", [])} == volumes
        assert container(workload)["envFrom"] == [{"secretRef": {"name": "crisis-store"}}]
    assert {n for n, w in WORKLOADS.items() if w["spec"]["replicas"] > 1} == {"crisis-monitor"}


def test_the_workbench_of_the_roles_is_valid() -> None:
    folders, demonstration, engine = read_marker(DEPLOY / "crisis.toml")
    assert address_of(folders["lake"]) and not demonstration and engine == "local"
    text = (DEPLOY / "crisis.toml").read_text(encoding="utf-8").replace('"local" ', '"spark" ')
    assert tomllib.loads(text)["engine"] == "spark"


def test_the_image_has_what_the_roles_start() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert "[spark]" in text and "pysail==" in text and "USER crisis" in text
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.M)
    assert all((DEPLOY.parent / name).exists() for line in copied for name in line.split())
    exposed = set(re.findall(r"^EXPOSE (.+)$", text, re.M)[0].split())
    assert exposed == {str(p["containerPort"]) for w in WORKLOADS.values() for p in container(w).get("ports", [])}
    names = re.findall(r"^([A-Z_]+)=", (DEPLOY / "compose.env.example").read_text(encoding="utf-8"), re.M)
    assert {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "CRISIS_TOKEN"} <= set(names)
