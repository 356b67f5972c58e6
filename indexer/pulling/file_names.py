"""Names that others give files, as names that are safe in the corpus."""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from email.errors import HeaderParseError
from email.header import decode_header
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

from indexer.curation.files import CURATED_FILES
from indexer.pulling.charsets import codec_of
from indexer.sources.corpus.related_files import SIDECAR_SUFFIX
from indexer.text.unicode import nfc

# What ext4, APFS and NTFS take.
MAX_NAME_BYTES: Final = 255
# Longer ones are no suffix, but a name with a dot in it.
_MAX_SUFFIX_CHARS: Final = 10
# A name has 255 bytes; each may be percent-encoded, and the parameter is often given twice.
_MAX_HEADER_CHARS: Final = 4_000
_PARAMETER: Final = re.compile(r";\s*(filename\*?)\s*=\s*(\"(?:\\.|[^\"\\])*\"|[^;]*)", re.I)
_ESCAPED: Final = re.compile(r"\\([\"\\])")
_PERCENT: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_SEPARATOR: Final = re.compile(r"[/\\]")
# Not allowed on Windows, where an archive may be copied to.
_FORBIDDEN: Final = re.compile(r"[<>:\"|?*]")
_WHITE_SPACE: Final = re.compile(r"\s+")
_RESERVED: Final = frozenset({"format.md", "readme.md", *(file.name.casefold() for file in CURATED_FILES)})


def name_of_disposition(header: str) -> str:
    """A safe name by Content-Disposition (RFC 6266), `header` in Latin-1 as HTTP has it; '' if there is
    none. Besides what the RFC allows, names as portals send them are read: bytes in UTF-8 or CP949,
    percent-encoded, or encoded as in mail (RFC 2047).
    """
    found = {name.lower(): value for name, value in _PARAMETER.findall(";" + header[:_MAX_HEADER_CHARS])}
    extended = _decode_extended(found.get("filename*", "").strip())
    return safe_file_name(extended or _decode_plain(_unquote(found.get("filename", "").strip())))


def name_of_url(url: str) -> str:
    """A safe name by the last part of the path; '' if there is none. Raises ValueError for no URL."""
    return safe_file_name(_decode_percent(urlsplit(url).path.rpartition("/")[2]))


def safe_file_name(name: str) -> str:
    """`name` as the name of a file in the corpus: the last component, NFC, without control, bidi and
    forbidden characters, no leading dot, neither a curated file's name nor a sidecar's, at most 255 bytes
    with its suffix kept. '' if nothing is left.
    """
    parts = [part for part in _SEPARATOR.split(name) if part.strip(" .")]
    # Control and format characters (bidi among them) and lone surrogates are not printable.
    seen = "".join(one for one in (parts[-1] if parts else "") if one.isprintable() or one.isspace())
    shown = _FORBIDDEN.sub("_", _WHITE_SPACE.sub(" ", nfc(seen))).strip(" .")
    if shown.casefold().endswith(SIDECAR_SUFFIX):
        # It would say what the release of this name is.
        shown += ".txt"
    if shown.casefold() in _RESERVED:
        shown = f"_{shown}"
    return shorten(shown)


def shorten(name: str) -> str:
    """`name` in at most `MAX_NAME_BYTES`, with its suffix."""
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix) > _MAX_SUFFIX_CHARS:
        stem, dot, suffix = name, "", ""
    room = MAX_NAME_BYTES - len((dot + suffix).encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .") + dot + suffix


def _unquote(value: str) -> str:
    if not (len(value) > 1 and value[0] == value[-1] == '"'):
        return value.strip('"')
    # Backslashes before anything but quotes are those of a path in Windows.
    return _ESCAPED.sub(r"\1", value[1:-1])


def _decode_extended(value: str) -> str:
    """The value of `filename*` (RFC 5987, now 8187); '' where it is none."""
    label, first, rest = value.strip('"').partition("'")
    _, second, encoded = rest.partition("'")
    codec = codec_of(label)
    if not (first and second and codec):
        return ""
    try:
        return unquote_to_bytes(encoded).decode(codec)
    except UnicodeDecodeError:
        return ""


def _decode_plain(value: str) -> str:
    if value.startswith("=?"):
        try:
            words = decode_header(value)
        except (HeaderParseError, Base64Error, ValueError):
            return value
        return "".join(
            word if isinstance(word, str) else _decode(word, codec_of(label or "")) for word, label in words
        )
    if _PERCENT.search(value) and value.isascii():
        return _decode_percent(value)
    return _decode(value.encode("latin-1", "replace"))


def _decode_percent(value: str) -> str:
    decoded = _decode(unquote_to_bytes(value))
    # Java's URLEncoder, which portals use, writes spaces as +; so does not who writes plain ASCII.
    return (
        decoded
        if decoded.isascii() or decoded == value
        else _decode(unquote_to_bytes(value.replace("+", " ")))
    )


def _decode(data: bytes, codec: str = "") -> str:
    for one in filter(None, (codec, "utf-8", "cp949")):
        try:
            return data.decode(one)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")
