"""A real OpenSearch with nori for the benchmarks, from Maven Central; answers where it can be reached.

    python -m tests.benchmarks.opensearch FOLDER     # have it in FOLDER, start it, wait until Ctrl-C

Needs mvn and Java 21 or later (OPENSEARCH_JAVA_HOME, or the newest under /usr/lib/jvm).
"""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.part import Unavailable

VERSION = "3.8.0"
LUCENE = "10.5.0"
PORT = 9299
HEAP = "-Xms2g -Xmx2g"
# A quarter of a minute on a free machine; minutes on a busy one.
START_TIMEOUT_S = 300.0
_ARTIFACTS = {
    "opensearch": f"org.opensearch.distribution.integ-test-zip:opensearch:{VERSION}:zip",
    "plugin": f"org.opensearch.plugin:analysis-nori:{VERSION}",
    "lucene": f"org.apache.lucene:lucene-analysis-nori:{LUCENE}",
}
_DESCRIPTOR = f"""\
description=Korean analysis
version={VERSION}
name=analysis-nori
classname=org.opensearch.plugin.analysis.nori.AnalysisNoriPlugin
java.version=21
opensearch.version={VERSION}
"""


def install(folder: Path) -> Path:
    """The home of an OpenSearch in `folder`, made if it is not there. Raises Unavailable."""
    home = folder / f"opensearch-{VERSION}"
    if (home / "plugins" / "analysis-nori" / "plugin-descriptor.properties").is_file():
        return home
    if shutil.which("mvn") is None:
        raise Unavailable("mvn is not installed")
    repository = Path.home() / ".m2" / "repository"
    paths = {}
    for name, artifact in _ARTIFACTS.items():
        got = subprocess.run(
            ["mvn", "-q", "dependency:get", "-Dtransitive=false", f"-Dartifact={artifact}"], check=False
        )
        group, identifier, version, *kind = artifact.split(":")
        place = repository / group.replace(".", "/") / identifier / version
        paths[name] = place / f"{identifier}-{version}.{kind[0] if kind else 'jar'}"
        if got.returncode or not paths[name].is_file():
            raise Unavailable(f"Maven does not give {artifact}")
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(paths["opensearch"]) as package:
        package.extractall(folder)
    plugin = home / "plugins" / "analysis-nori"
    plugin.mkdir(parents=True)
    for name in ("plugin", "lucene"):
        shutil.copy(paths[name], plugin)
    (plugin / "plugin-descriptor.properties").write_text(_DESCRIPTOR)
    return home


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The address of an OpenSearch with empty data that ends with the context. Raises Unavailable."""
    home = install(folder)
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)
    (home / "config" / "opensearch.yml").write_text(
        f"discovery.type: single-node\nnetwork.host: 127.0.0.1\nhttp.port: {PORT}\n"
        f"path.data: {data}\npath.logs: {folder / 'logs'}\n"
    )
    for script in (home / "bin").iterdir():
        script.chmod(0o755)
    environment = {
        "PATH": os.environ["PATH"],
        "OPENSEARCH_JAVA_HOME": str(_java()),
        "OPENSEARCH_JAVA_OPTS": HEAP,
    }
    user = None
    if os.getuid() == 0:  # it refuses to run as root
        user = "nobody"
        _give(folder, pwd.getpwnam(user).pw_uid)
    process = subprocess.Popen(
        [home / "bin" / "opensearch"], env=environment, user=user,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{PORT}"
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                ask(address, "GET", "/_cluster/health?wait_for_status=yellow&timeout=1s")
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise Unavailable("OpenSearch does not start") from None
                time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait()


def ask(
    address: str, method: str, path: str, body: bytes | dict[str, object] | None = None
) -> dict[str, object]:
    """Send JSON, or lines of it, and read the JSON answer."""
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    kind = "application/x-ndjson" if isinstance(body, bytes) else "application/json"
    request = urllib.request.Request(address + path, data, {"Content-Type": kind}, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=300) as response:  # noqa: S310
        record: dict[str, object] = json.load(response)
    return record


def _java() -> Path:
    if home := os.environ.get("OPENSEARCH_JAVA_HOME"):
        return Path(home)
    found = [
        (int(version[1]), path)
        for path in Path("/usr/lib/jvm").glob("*")
        if (path / "bin" / "java").exists() and (version := re.search(r"-(\d+)(?:[.-]|$)", path.name))
    ]
    if not found or max(found)[0] < 21:
        raise Unavailable("Java 21 or later is not installed")
    return max(found)[1]


def _give(folder: Path, owner: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, -1, follow_symlinks=False)


if __name__ == "__main__":
    with running(Path(sys.argv[1])) as where:
        print(where)
        try:
            while True:
                time.sleep(1)
        except KeyboardInterrupt:
            pass
