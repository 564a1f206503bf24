"""The renderer of kustomizations refuses what is wrong and what it does not support."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.deploy.kustomize import build
from tests.deploy.kustomize_examples import JOB, OTHERS, write
from tests.deploy.kustomize_known import KustomizeError

JOB_PATCH = "resources: [job.yaml]\npatches: [{target: {kind: Job}, patch: '%s'}]"


@pytest.mark.parametrize(
    ("kustomization", "message"),
    [
        ("nameSuffix: -x", "'nameSuffix' was unexpected"),
        ("resources: [job.yaml]\nresources: [job.yaml]", "'resources' stands here twice"),
        ("namespace: 2026-01-01", "date"),
        ("namespace: a\n---\nnamespace: b", "2 documents"),
        ("labels: [{pairs: {a: b}, fields: []}]", "'fields' was unexpected"),
        ("labels: [{pairs: {a: 1}}]", "not of type 'string'"),
        ("images: [{name: app, newName: b, newTag: c}]", "'newName' was unexpected"),
        ("resources: [job.yaml]\nimages: [{name: absent, newTag: c}]", "no container has the image absent"),
        ("configMapGenerator: [{name: a, literals: [b=c]}]", "'literals' was unexpected|'envs' is a required"),
        ("configMapGenerator: [{name: a, envs: [bad.env]}]", "not of the form NAME=value: 'HOME'"),
        ("configMapGenerator: [{name: a, envs: [one.env, one.env]}]", "A is given twice"),
        ("configMapGenerator: [{name: a, envs: [../kustomization.yaml]}]", "no such file"),
        ("generatorOptions: {annotations: {a: b}}", "'annotations' was unexpected"),
        ("resources: [absent.yaml]", "no such file"),
        ("resources: [https://example.vn/x]", "no such file"),
        ("resources: [.]", "includes itself"),
        ("resources: [job.yaml, job.yaml]", "two of"),
        ("resources: [list.yaml]", "unknown kind of object: v1 List"),
        ("resources: [placed.yaml]", "metadata.namespace is not known"),
        ("resources: [told.yaml]", "annotations that tell kustomize something"),
        ("resources: [nameless.yaml]", "without a name"),
        ("patches: [{target: {kind: Job}, path: a.yaml}]", "'path' was unexpected|'patch' is a required"),
        ("patches: [{patch: '[]'}]", "'target' is a required"),
        ("patches: [{target: {kind: Job, labelSelector: a=b}, patch: '[]'}]", "'labelSelector' was unexpected"),
        ("patches: [{target: {kind: Job}, patch: '[]'}]", "meets nothing"),
        (JOB_PATCH % "[{op: remove, path: /spec}]", "begins like JSON"),
        ("namespace: n", "'n' is"),
        (JOB_PATCH % "[]", "should be non-empty"),
        (JOB_PATCH % "{metadata: {labels: {a: b}}}", "not of type 'array'"),
        (JOB_PATCH % "- {op: move, from: /spec, path: /x}", "'move' is not one of"),
        (JOB_PATCH % "- {op: add, path: /x, value: 1, test: 1}", "'test' was unexpected"),
        (JOB_PATCH % "- {op: add, path: /x}", "'value' is a required"),
        (JOB_PATCH % "- {op: replace, path: /spec/absent, value: 1}", "does not fit"),
        (JOB_PATCH % "- {op: remove, path: /spec/absent}", "does not fit"),
        (JOB_PATCH % "- {op: add, path: /spec/absent/deep, value: 1}", "does not fit"),
        (JOB_PATCH % "- {op: replace, path: /metadata/name, value: other}", "makes something else"),
        (
            JOB_PATCH % "- {op: add, path: /spec/template/spec/affinity, value: {}}"
            + "\nlabels: [{pairs: {a: b}, includeSelectors: true}]",
            "labels in affinity are not known",
        ),
        (
            JOB_PATCH % "- {op: remove, path: /spec/template}" + "\nimages: [{name: app, newTag: c}]",
            "no template of pods",
        ),
        ("resources: [inner, job.yaml]", "ServiceAccount worker, which an inner folder renames"),
    ],
)
def test_wrong_and_unsupported_kustomizations_are_refused(kustomization: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    write(tmp_path / "inner", "namePrefix: in-\nresources: [others.yaml]", others_yaml=OTHERS)
    files = {
        "job_yaml": JOB,
        "one_env": "A=1\n",
        "bad_env": "HOME\n",
        "list_yaml": "{apiVersion: v1, kind: List, items: []}",
        "placed_yaml": "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: b}}",
        "told_yaml": "{apiVersion: v1, kind: Service, metadata: {name: a, annotations: {config.kubernetes.io/local-config: x}}}",
        "nameless_yaml": "{apiVersion: v1, kind: Service, metadata: {generateName: a}}",
    }
    with pytest.raises(KustomizeError, match=message):
        build(write(tmp_path, kustomization, **files))


def test_files_outside_the_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    write(tmp_path / "inner", "resources: [../job.yaml]")
    (tmp_path / "job.yaml").write_text(textwrap.dedent(JOB))
    with pytest.raises(KustomizeError, match="only below the folder"):
        build(tmp_path / "inner")


def test_a_folder_without_a_kustomization_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KustomizeError, match="no such file"):
        build(tmp_path)
