"""Folders with kustomizations, for the tests of the renderer."""

from __future__ import annotations

import textwrap
from pathlib import Path

HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
JOB = """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: work}
    spec:
      template:
        metadata: {labels: {a: "1", service: web}}
        spec:
          restartPolicy: Never
          serviceAccountName: worker
          imagePullSecrets: [{name: pull}, {name: elsewhere}]
          initContainers:
            - {name: first, image: 'app:1@sha256:0000', env: &env [{name: A, value: a}]}
          containers:
            - {name: second, image: app, env: *env, envFrom: [{configMapRef: {name: settings}}]}
            - {name: third, image: 'other.example/app:1', envFrom: [{secretRef: {name: pull}}]}
          volumes:
            - {name: one, configMap: {name: settings}}
            - {name: two, secret: {secretName: pull}}
            - {name: three, projected: {sources: [{secret: {name: pull}}, {configMap: {name: settings}}]}}
"""
OTHERS = """
    apiVersion: v1
    kind: Namespace
    metadata: {name: first-name}
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: worker}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: nobody}
    spec: {ports: [{port: 80}]}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: work}
    spec:
      podSelector: {}
      ingress: [{from: [{podSelector: {matchLabels: {a: "1"}}}, {namespaceSelector: {}}]}]
      egress: [{to: [{podSelector: {matchLabels: {a: "1"}}}]}]
    ---
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata: {name: work}
    spec:
      tls: [{secretName: pull}]
      defaultBackend: {service: {name: nobody, port: {number: 80}}}
"""


def write(folder: Path, kustomization: str, **files: str) -> Path:
    """Makes a kustomization and the files that it names; ``_`` in a keyword is the dot of the file name."""
    (folder / "kustomization.yaml").write_text(HEAD + textwrap.dedent(kustomization))
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(textwrap.dedent(text))
    return folder
