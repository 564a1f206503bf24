"""The parts of kustomize and Kubernetes that the renderer in kustomize.py supports; it refuses all others."""

from __future__ import annotations

import re
from typing import Any

import yaml

Schema = dict[str, Any]


class KustomizeError(ValueError):
    """A kustomization is wrong, or uses something that the renderer does not support."""


class StrictLoader(yaml.SafeLoader):
    """Refuses what kustomize reads differently or not at all: a repeated key in a mapping, and y or n without quotes."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands here twice", node.start_mark)
        return super().construct_mapping(node, deep)

    def construct_undefined(self, node: Any) -> Any:
        raise yaml.constructor.ConstructorError(
            None, None, f"{node.value!r} is unclear without quotes", node.start_mark
        )


StrictLoader.add_implicit_resolver("!unclear", re.compile("^[yYnN]$"), list("yYnN"))
StrictLoader.add_constructor(None, StrictLoader.construct_undefined)


def _mapping(required: Schema, optional: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_TEXT: Schema = {"type": "string", "minLength": 1}
_FLAG: Schema = {"type": "boolean"}
_PAIRS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
_GENERATORS = _list(_mapping({"name": _TEXT, "envs": _list(_TEXT)}))

KUSTOMIZATION = _mapping(
    {"apiVersion": {"const": "kustomize.config.k8s.io/v1beta1"}, "kind": {"const": "Kustomization"}},
    {
        "namespace": _TEXT,
        "namePrefix": _TEXT,
        "resources": _list(_TEXT),
        "labels": _list(_mapping({"pairs": _PAIRS}, {"includeSelectors": _FLAG, "includeTemplates": _FLAG})),
        "patches": _list(_mapping({"target": _mapping({"kind": _TEXT}, {"name": _TEXT}), "patch": _TEXT})),
        "configMapGenerator": _GENERATORS,
        "secretGenerator": _GENERATORS,
        "generatorOptions": _mapping({}, {"disableNameSuffixHash": _FLAG, "labels": _PAIRS}),
        "images": _list(_mapping({"name": _TEXT, "newTag": _TEXT})),
    },
)

_PATH: Schema = {"type": "string", "pattern": "^/"}
PATCH: Schema = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["op"],
        "properties": {"op": {"enum": ["add", "replace", "remove"]}},
        "allOf": [
            {
                "if": {"properties": {"op": {"const": "remove"}}},
                "then": _mapping({"op": _TEXT, "path": _PATH}),
            },
            {
                "if": {"properties": {"op": {"enum": ["add", "replace"]}}},
                "then": _mapping({"op": _TEXT, "path": _PATH, "value": {}}),
            },
        ],
    },
}
"""JSON Patch (RFC 6902), the operations with a single path. A mapping instead would be a strategic merge patch."""

KINDS = {
    "v1 Namespace",
    "v1 ServiceAccount",
    "v1 ConfigMap",
    "v1 Secret",
    "v1 Service",
    "v1 PersistentVolumeClaim",
    "apps/v1 Deployment",
    "batch/v1 Job",
    "policy/v1 PodDisruptionBudget",
    "networking.k8s.io/v1 Ingress",
    "networking.k8s.io/v1 NetworkPolicy",
}
UNPREFIXED = {"Namespace"}
"""namePrefix does not change these; namespace sets their name."""
TEMPLATED = {"Deployment", "Job"}
"""These have a pod template in ``spec.template``."""
REFERRERS = TEMPLATED | {"Ingress"}
"""Only these refer to objects of other kinds."""

NAMES = {"serviceAccountName": "ServiceAccount", "secretName": "Secret", "claimName": "PersistentVolumeClaim"}
"""Key in a pod or an Ingress → the kind of the object whose name is its value."""
REFERENCES = {
    "configMap": "ConfigMap",
    "configMapRef": "ConfigMap",
    "configMapKeyRef": "ConfigMap",
    "imagePullSecrets": "Secret",
    "secret": "Secret",
    "secretRef": "Secret",
    "secretKeyRef": "Secret",
    "service": "Service",
}
"""Key in a pod or an Ingress → the kind of the object whose name is ``name`` in its value, or in each item of a list."""

SELECTORS = {
    "Service": [("spec/selector", True)],
    "Deployment": [
        ("spec/selector/matchLabels", True),
        ("spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels", False),
    ],
    "Job": [("spec/selector/matchLabels", False)],
    "PodDisruptionBudget": [("spec/selector/matchLabels", False)],
    "NetworkPolicy": [
        ("spec/podSelector/matchLabels", False),
        ("spec/ingress/from/podSelector/matchLabels", False),
        ("spec/egress/to/podSelector/matchLabels", False),
    ],
}
"""Kind → where it selects pods by label, and whether a selector is made where there is none."""
