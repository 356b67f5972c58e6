"""Strings and columns of strings in a container."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

import numpy as np

from indexer.engines.shared.container import Container, ContainerWriter


class Strings:
    """Strings laid end to end."""

    def __init__(self, container: Container, name: str) -> None:
        # Views: they are faster than arrays at looking up one item at a time.
        self._bytes = container[f"{name}.bytes"].data
        self._ends = container[f"{name}.ends"].data

    def __len__(self) -> int:
        return len(self._ends)

    def raw(self, index: int) -> bytes:
        """A string in UTF-8."""
        return self._bytes[self._ends[index - 1] if index else 0 : self._ends[index]].tobytes()

    def __getitem__(self, index: int) -> str:
        return self.raw(index).decode("utf-8", "surrogatepass")

    def find(self, value: str) -> int:
        """The index of a string among ascending ones, -1 if it is not there."""
        wanted = encode(value)
        index = bisect_left(range(len(self)), wanted, key=self.raw)
        return index if index < len(self) and self.raw(index) == wanted else -1

    def all(self) -> list[str]:
        """Every string, in order."""
        joined = self._bytes.tobytes()
        ends = self._ends.tolist()
        return [
            joined[start:end].decode("utf-8", "surrogatepass")
            for start, end in zip([0, *ends], ends, strict=False)
        ]


def encode(value: str) -> bytes:
    """UTF-8, of lone surrogates too: ids and paths may be any text."""
    return value.encode("utf-8", "surrogatepass")


def write_strings(container: ContainerWriter, name: str, values: Iterable[str]) -> None:
    """Write strings under a name, for `Strings` to read."""
    encoded = [encode(value) for value in values]
    container.add(f"{name}.bytes", np.frombuffer(b"".join(encoded), np.uint8))
    container.add(f"{name}.ends", np.cumsum([len(value) for value in encoded], dtype=np.int64))


def write_coded(container: ContainerWriter, name: str, values: list[str]) -> None:
    """Write a column of strings that repeat: the distinct ones, ascending, and a code for each row."""
    # Sorted as text: it is the order of UTF-8 too, in which `Strings.find` looks.
    codes = {value: code for code, value in enumerate(sorted(set(values)))}
    container.add(f"{name}.codes", np.array([codes[value] for value in values], np.uint32))
    write_strings(container, name, codes)
