"""Reads the files of kustomizations for kustomize.py and refuses what it does not support."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from tests.deploy.kustomize_known import KINDS, KUSTOMIZATION, PATCH, KustomizeError, StrictLoader

Manifest = dict[str, Any]


def _documents(text: str, where: object) -> list[Any]:
    """Parsed YAML. No two places share an object, because a patch of one must not change the other."""
    try:
        loaded = [document for document in yaml.load_all(text, StrictLoader) if document is not None]
        return [json.loads(json.dumps(document)) for document in loaded]
    except (yaml.YAMLError, TypeError) as error:  # TypeError: a date, which JSON does not have
        raise KustomizeError(f"{where}: {error}") from error


def _only(text: str, where: object) -> Any:
    found = _documents(text, where)
    if len(found) != 1:
        raise KustomizeError(f"{where}: {len(found)} documents instead of one")
    return found[0]


def read_kustomization(path: Path) -> Manifest:
    """A kustomization whose fields are all supported."""
    if not path.is_file():
        raise KustomizeError(f"{path}: no such file")
    found: Manifest = _checked(_only(path.read_text(encoding="utf-8"), path), KUSTOMIZATION, path)
    return found


def file_below(folder: Path, name: str) -> Path:
    """The file that a kustomization in a folder names."""
    path = (folder / name).resolve()
    if not path.is_file():
        raise KustomizeError(f"{path}: no such file")
    if not path.is_relative_to(folder):
        raise KustomizeError(f"{path}: kustomize reads files only below the folder that names them")
    return path


def _checked(value: Any, schema: Manifest, where: object) -> Any:
    if error := best_match(Draft202012Validator(schema).iter_errors(value)):
        raise KustomizeError(f"{where}: {error.json_path}: {error.message}")
    return value


def read_objects(path: Path) -> Iterator[Manifest]:
    """The objects in a file, all of supported kinds and without annotations for kustomize."""
    for document in _documents(path.read_text(encoding="utf-8"), path):
        if not isinstance(document, dict):
            raise KustomizeError(f"{path}: not an object: {document}")
        what = f"{document.get('apiVersion')} {document.get('kind')}"
        if what not in KINDS:
            raise KustomizeError(f"{path}: an unknown kind of object: {what}")
        metadata = document.get("metadata")
        if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
            raise KustomizeError(f"{path}: {what} without a name")
        if "namespace" in metadata:
            raise KustomizeError(f"{path}: metadata.namespace is not known here, only that of a kustomization")
        if unknown := [key for key in metadata.get("annotations") or {} if "config.k" in key]:
            raise KustomizeError(f"{path}: annotations that tell kustomize something are not known: {unknown}")
        yield document


def read_env(path: Path) -> Iterator[tuple[str, str]]:
    """The entries of an env file. One without ``=`` takes kustomize's own environment, which is refused here."""
    for line in path.read_text(encoding="utf-8").split("\n"):
        entry = line.removesuffix("\r").lstrip()
        if not entry or entry.startswith("#"):
            continue
        key, equals, value = entry.partition("=")
        if not equals or not re.fullmatch(r"[-._a-zA-Z][-._a-zA-Z0-9]*", key):
            raise KustomizeError(f"{path}: not of the form NAME=value: {entry!r}")
        yield key, value


def read_patch(text: str, where: str) -> list[Manifest]:
    """The operations of a JSON Patch (RFC 6902), in YAML or JSON."""
    if text.startswith("["):
        try:
            json.loads(text)
        except ValueError as error:
            raise KustomizeError(
                f"{where} begins like JSON, so that kustomize does not read it as YAML: {error}"
            ) from error
    operations: list[Manifest] = _checked(_only(text, where), PATCH, where)
    return operations
