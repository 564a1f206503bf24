"""`python -m shared.plugin_sdk.packages FOLDER` builds the packages of both SDKs; `make kits` runs it."""

from __future__ import annotations

import sys
from pathlib import Path

from shared.plugin_sdk.packages.build import build_tarball, build_wheel

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for package in (build_wheel(folder), build_tarball(folder)):
        print(package)
