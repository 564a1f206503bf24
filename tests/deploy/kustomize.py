"""A small renderer of kustomizations, for tests on machines without kubectl: as much of kustomize 5 as deploy/k8s uses.

Whatever it does not know is an error: a field of a kustomization, a kind of object, an operation of a patch. So it never
renders less than kustomize would. If kustomize is installed, test_kustomize.py compares the two.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonpatch

from tests.deploy.kustomize_known import (
    NAMES,
    REFERENCES,
    REFERRERS,
    SELECTORS,
    TEMPLATED,
    UNPREFIXED,
    KustomizeError,
)
from tests.deploy.kustomize_read import file_below, read_env, read_kustomization, read_objects, read_patch

Manifest = dict[str, Any]


@dataclass
class _Object:
    """An object that is being rendered."""

    manifest: Manifest
    hashed: bool = False
    former: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return str(self.manifest["kind"])

    @property
    def name(self) -> str:
        return str(self.manifest["metadata"]["name"])


def build(folder: Path) -> list[Manifest]:
    """The Kubernetes objects that the kustomization in a folder makes, like ``kustomize build``.

    Raises:
        KustomizeError: it is wrong, or has something in it that this renderer does not know.
    """
    objects = _accumulate(folder.resolve(), ())
    _rename(objects, lambda found: f"{found.name}-{_hash(found.manifest)}" if found.hashed else found.name)
    _refuse_doubles(objects)
    _refuse_stale_references(objects)
    return [found.manifest for found in objects]


def _accumulate(folder: Path, inside: tuple[Path, ...]) -> list[_Object]:
    """The objects of a folder before the hashes, which only the outermost kustomization appends."""
    if folder in inside:
        raise KustomizeError(f"{folder}: includes itself")
    path = folder / "kustomization.yaml"
    spec = read_kustomization(path)
    objects: list[_Object] = []
    for name in spec.get("resources", []):
        if (folder / name).is_dir():
            objects += _accumulate((folder / name).resolve(), (*inside, folder))
        else:
            objects += [_Object(document) for document in read_objects(file_below(folder, name))]
    objects += _generated(spec, folder)
    try:
        _refuse_doubles(objects)
        _customise(objects, spec)
    except KustomizeError as error:
        raise KustomizeError(f"{path}: {error}") from error
    return objects


def _customise(objects: list[_Object], spec: Manifest) -> None:
    """Changes the objects of one kustomization; the order is kustomize's own."""
    for patch in spec.get("patches", []):
        _patch(objects, patch)
    if namespace := spec.get("namespace"):
        for found in objects:
            found.manifest["metadata"]["name" if found.kind == "Namespace" else "namespace"] = namespace
    if prefix := spec.get("namePrefix"):
        _rename(objects, lambda found: found.name if found.kind in UNPREFIXED else prefix + found.name)
    for labels in spec.get("labels", []):
        for found in objects:
            _label(found.manifest, labels)
    for image in spec.get("images", []):
        _set_tag(objects, image)


def _generated(spec: Manifest, folder: Path) -> Iterator[_Object]:
    options = spec.get("generatorOptions", {})
    for kind in ("ConfigMap", "Secret"):
        for generator in spec.get(f"{kind[0].lower()}{kind[1:]}Generator", []):
            data: dict[str, str] = {}
            for name in generator["envs"]:
                path = file_below(folder, name)
                for key, value in read_env(path):
                    if key in data:
                        raise KustomizeError(f"{path}: {key} is given twice")
                    data[key] = value
            metadata = {"name": generator["name"]}
            if options.get("labels"):
                metadata["labels"] = dict(options["labels"])
            manifest = {"apiVersion": "v1", "kind": kind, "metadata": metadata, "data": data}
            if kind == "Secret":
                manifest["type"] = "Opaque"
                manifest["data"] = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
            yield _Object(manifest, hashed=not options.get("disableNameSuffixHash", False))


def _refuse_doubles(objects: list[_Object]) -> None:
    seen = set()
    for found in objects:
        what = (found.kind, found.name)
        if what in seen:
            raise KustomizeError(f"there are two of {what}")
        seen.add(what)


def _patch(objects: list[_Object], patch: Manifest) -> None:
    """Applies JSON Patches (RFC 6902) to the objects of a kind and, if given, a name; both are regular expressions."""
    target = patch["target"]
    met = [
        found
        for found in objects
        if re.fullmatch(target["kind"], found.kind)
        and any(re.fullmatch(target.get("name", ".*"), name) for name in (found.name, *found.former))
    ]
    if not met:
        raise KustomizeError(f"a patch meets nothing: {target}")
    operations = read_patch(patch["patch"], f"the patch of {target}")
    for found in met:
        before = (found.kind, found.name)
        try:
            found.manifest = jsonpatch.apply_patch(found.manifest, copy.deepcopy(operations))
        except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
            raise KustomizeError(f"the patch of {target} does not fit {before}: {error}") from error
        if (found.manifest.get("kind"), found.manifest.get("metadata", {}).get("name")) != before:
            raise KustomizeError(f"the patch of {target} makes something else of {before}, which is not known here")


def _references(node: Any) -> Iterator[tuple[dict[str, Any], str, str]]:
    """The references of an object to others: (mapping with the name, key of the name, kind of the other object)."""
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in NAMES and isinstance(value, str):
                yield node, key, NAMES[key]
            if key in REFERENCES:
                for holder in value if isinstance(value, list) else [value]:
                    if isinstance(holder, dict) and isinstance(holder.get("name"), str):
                        yield holder, "name", REFERENCES[key]
            yield from _references(value)


def _all_references(objects: list[_Object]) -> Iterator[tuple[dict[str, Any], str, str]]:
    for found in objects:
        if found.kind in REFERRERS:
            yield from _references(found.manifest)


def _rename(objects: list[_Object], new_name: Callable[[_Object], str]) -> None:
    """Renames objects and updates the references to them."""
    renamed = {}
    for found in objects:
        name = new_name(found)
        if name != found.name:
            renamed[found.kind, found.name] = name
            found.former.append(found.name)
            found.manifest["metadata"]["name"] = name
    for holder, key, kind in _all_references(objects):
        holder[key] = renamed.get((kind, holder[key]), holder[key])


def _refuse_stale_references(objects: list[_Object]) -> None:
    """kustomize also looks for names from before a prefix of an inner folder; this renderer does not."""
    names = {(found.kind, found.name) for found in objects}
    former = {(found.kind, name) for found in objects for name in found.former}
    for holder, key, kind in _all_references(objects):
        if (kind, holder[key]) in former - names:
            raise KustomizeError(
                f"a reference to {kind} {holder[key]}, which an inner folder renames, is not known here"
            )


def _pod(manifest: Manifest) -> Manifest:
    try:
        pod: Manifest = manifest["spec"]["template"]["spec"]
    except KeyError as error:
        raise KustomizeError(f"{manifest['kind']} {manifest['metadata']['name']} has no template of pods") from error
    return pod


def _label(manifest: Manifest, labels: Manifest) -> None:
    pairs, selectors = labels["pairs"], labels.get("includeSelectors", False)
    _put(manifest, ["metadata", "labels"], pairs, create=True)
    if manifest["kind"] in TEMPLATED and (selectors or labels.get("includeTemplates", False)):
        _put(manifest, ["spec", "template", "metadata", "labels"], pairs, create=True)
    if selectors:
        if manifest["kind"] in TEMPLATED and "affinity" in _pod(manifest):
            raise KustomizeError(f"{manifest['kind']} {manifest['metadata']['name']}: labels in affinity are not known")
        for path, create in SELECTORS.get(manifest["kind"], []):
            _put(manifest, path.split("/"), pairs, create=create)


def _put(node: Any, path: list[str], pairs: dict[str, str], *, create: bool) -> None:
    """Adds pairs to the mapping at a path, through all items of the lists on the path."""
    if isinstance(node, list):
        for item in node:
            _put(item, path, pairs, create=create)
    elif not path:
        node.update(pairs)
    elif create or node.get(path[0]) is not None:
        if node.get(path[0]) is None:
            node[path[0]] = {}
        _put(node[path[0]], path[1:], pairs, create=create)


def _set_tag(objects: list[_Object], image: Manifest) -> None:
    met = False
    for found in objects:
        if found.kind in TEMPLATED:
            pod = _pod(found.manifest)
            for container in [*pod.get("initContainers", []), *pod.get("containers", [])]:
                if re.fullmatch(rf"{re.escape(image['name'])}(:[^@/]*)?(@.*)?", container.get("image", "")):
                    container["image"] = f"{image['name']}:{image['newTag']}"
                    met = True
    if not met:
        raise KustomizeError(f"no container has the image {image['name']}")


def _hash(manifest: Manifest) -> str:
    """The suffix of a generated object's name as kustomize computes it: from the content, not from the name."""
    content = {key: manifest[key] for key in ("kind", "type", "data") if key in manifest} | {"name": ""}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for character in "<>&":  # as Go encodes them
        text = text.replace(character, f"\\u{ord(character):04x}")
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return digest.translate(str.maketrans("013ae", "ghkmt"))  # no vowels, so no words
