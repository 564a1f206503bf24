"""The renderer of kustomizations, compared with kustomize if it is installed, and with expected results."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from tests.deploy.files import BASE, KUBERNETES, fill_example_secrets, kustomize_command, rendered_by_kustomize
from tests.deploy.kustomize import build
from tests.deploy.kustomize_examples import JOB, OTHERS, write

FEATURES = """
    namespace: trial
    namePrefix: p-
    resources: [job.yaml, others.yaml]
    labels:
      - {pairs: {part: x}, includeTemplates: true}
      - {pairs: {name: why}, includeSelectors: true}
      - {pairs: {plain: z}}
    patches:
      - target: {kind: Job|Deployment, name: w.*}
        patch: |-
          - {op: add, path: /spec/template/spec/containers/0/env/-, value: {name: B, value: b}}
          - {op: add, path: /spec/template/spec/containers/0/env/0, value: {name: C, value: c}}
          - {op: replace, path: /spec/template/spec/restartPolicy, value: OnFailure}
          - {op: remove, path: /spec/template/metadata/labels/a}
          - {op: add, path: /metadata/annotations, value: {an.example/a~b: c}}
          - {op: replace, path: /metadata/annotations/an.example~1a~0b, value: d}
    generatorOptions: {labels: {made: "yes"}}
    configMapGenerator: [{name: settings, envs: [one.env, two.env]}]
    secretGenerator: [{name: pull, envs: [one.env]}]
    images: [{name: app, newTag: "2"}]
"""
OVERLAY = """
    resources: [BASE]
    namespace: trial
    namePrefix: trial-
    images: [{name: motcua, newTag: "7"}]
    patches:
      - target: {kind: Deployment, name: web}
        patch: '[{"op": "replace", "path": "/spec/replicas", "value": 3}]'
      - target: {kind: Deployment, name: stats-worker}
        patch: '- {op: replace, path: /spec/replicas, value: 2}'
      - target: {kind: Ingress}
        patch: '- {op: replace, path: /spec/rules/0/host, value: trial.example}'
"""

Manifest = dict[str, Any]


def features(folder: Path) -> Path:
    one = '# no\n\nA=<b> & "c" é \n  B=1=2\r\nC=\n'
    return write(folder, FEATURES, job_yaml=JOB, others_yaml=OTHERS, one_env=one, two_env="D=4")


def overlay(folder: Path) -> Path:
    return write(folder, OVERLAY.replace("BASE", os.path.relpath(BASE, folder.resolve())))


def secrets(folder: Path) -> Path:
    fill_example_secrets(folder, lambda name: ["key"])
    return folder


def by_name(manifests: Iterable[Manifest]) -> dict[tuple[str, str], Manifest]:
    found = {(manifest["kind"], manifest["metadata"]["name"]): manifest for manifest in manifests}
    assert found
    return found


@pytest.mark.parametrize("make", [lambda folder: BASE, overlay, secrets, features])
def test_kustomize_renders_the_same_and_it_is_valid(make: Callable[[Path], Path], tmp_path: Path) -> None:
    folder = make(tmp_path)
    own = build(folder)
    for manifest in own:
        for version in KUBERNETES:
            kubernetes_validate.validate(manifest, version, strict=True)
    theirs = rendered_by_kustomize(folder)
    if theirs is not None:  # kustomize is installed: even the suffixes of names must be the same
        assert by_name(own) == by_name(theirs)
        assert len(own) == len(theirs)


def test_an_overlay_changes_every_object_and_each_reference_follows(tmp_path: Path) -> None:
    base, made = by_name(build(BASE)), by_name(build(overlay(tmp_path)))
    renamed = {(kind, "trial" if kind == "Namespace" else f"trial-{name}") for kind, name in base}
    assert set(made) == renamed
    (rule,) = made["Ingress", "trial-motcua"]["spec"]["rules"]
    assert rule["host"] == "trial.example"
    assert {("Service", path["backend"]["service"]["name"]) for path in rule["http"]["paths"]} <= set(made)
    deployments = {name: manifest for (kind, name), manifest in made.items() if kind == "Deployment"}
    for name, manifest in deployments.items():
        assert manifest["spec"]["replicas"] == {"web": 3, "worker": 1}[name.split("-")[2]] + (
            name == "trial-stats-worker"
        )
        pod = manifest["spec"]["template"]["spec"]
        assert ("ServiceAccount", pod["serviceAccountName"]) in made
        for container in pod["initContainers"] + pod["containers"]:
            assert container["image"] == "motcua:7"
            assert ("ConfigMap", container["envFrom"][0]["configMapRef"]["name"]) in made


def test_a_workload_with_everything(tmp_path: Path) -> None:
    made = by_name(build(features(tmp_path)))
    # the suffixes are those of kustomize 5.5
    settings, pull = "p-settings-8455tb85h5", "p-pull-5mb8db4gbk"
    job = made["Job", "p-work"]
    assert job["metadata"] == {
        "name": "p-work",
        "namespace": "trial",
        "annotations": {"an.example/a~b": "d"},
        "labels": {"part": "x", "name": "why", "plain": "z"},
    }
    assert job["spec"] == {
        "template": {
            "metadata": {"labels": {"service": "web", "part": "x", "name": "why"}},
            "spec": {
                "restartPolicy": "OnFailure",
                "serviceAccountName": "p-worker",
                "imagePullSecrets": [{"name": pull}, {"name": "elsewhere"}],
                "initContainers": [{"name": "first", "image": "app:2", "env": [{"name": "A", "value": "a"}]}],
                "containers": [
                    {
                        "name": "second",
                        "image": "app:2",
                        "env": [{"name": name, "value": name.lower()} for name in "CAB"],
                        "envFrom": [{"configMapRef": {"name": settings}}],
                    },
                    {"name": "third", "image": "other.example/app:1", "envFrom": [{"secretRef": {"name": pull}}]},
                ],
                "volumes": [
                    {"name": "one", "configMap": {"name": settings}},
                    {"name": "two", "secret": {"secretName": pull}},
                    {
                        "name": "three",
                        "projected": {"sources": [{"secret": {"name": pull}}, {"configMap": {"name": settings}}]},
                    },
                ],
            },
        }
    }


def test_what_is_generated_and_selected(tmp_path: Path) -> None:
    made = by_name(build(features(tmp_path)))
    (settings,) = [manifest for (kind, _), manifest in made.items() if kind == "ConfigMap"]
    assert settings["data"] == {"A": '<b> & "c" é ', "B": "1=2", "C": "", "D": "4"}
    assert settings["metadata"]["labels"] == {"made": "yes", "part": "x", "name": "why", "plain": "z"}
    assert made["Secret", "p-pull-5mb8db4gbk"]["data"] == {"A": "PGI+ICYgImMiIMOpIA==", "B": "MT0y", "C": ""}
    assert made["Namespace", "trial"]["metadata"] == {
        "name": "trial",
        "labels": {"part": "x", "name": "why", "plain": "z"},
    }
    assert made["Service", "p-nobody"]["spec"]["selector"] == {"name": "why"}
    assert made["Ingress", "p-work"]["spec"] == {
        "tls": [{"secretName": "p-pull-5mb8db4gbk"}],
        "defaultBackend": {"service": {"name": "p-nobody", "port": {"number": 80}}},
    }
    selector = {"podSelector": {"matchLabels": {"a": "1", "name": "why"}}}
    assert made["NetworkPolicy", "p-work"]["spec"] == {
        "podSelector": {},
        "ingress": [{"from": [selector, {"namespaceSelector": {}}]}],
        "egress": [{"to": [selector]}],
    }


OLD_KUBECTL = '{"clientVersion": {"major": "1", "minor": "20", "gitVersion": "v1.20.2"}}'
NEW_KUBECTL = '{"clientVersion": {"gitVersion": "v1.32.4"},\n "kustomizeVersion": "v5.5.0"}'


@pytest.mark.parametrize(
    ("programs", "chosen"),
    [
        ({}, None),
        ({"kubectl": NEW_KUBECTL, "kustomize": "v5.5.0"}, ["kubectl", "kustomize"]),
        ({"kubectl": OLD_KUBECTL}, None),
        ({"kubectl": OLD_KUBECTL, "kustomize": "v5.5.0"}, ["kustomize", "build"]),
        ({"kustomize": "{Version:kustomize/v4.5.7 GitCommit:56d82a8}"}, None),
    ],
)
def test_only_a_kustomize_that_is_new_enough_is_compared_with(
    programs: dict[str, str], chosen: list[str] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, answer in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\nprintf '%s' '{answer}'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    expected = None if chosen is None else (str(tmp_path / chosen[0]), chosen[1])
    assert kustomize_command.__wrapped__() == expected
