"""Small documents, made where they are needed: HWPX, PDF and the parts of a DOCX that python-docx lacks."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from xml.sax.saxutils import escape
from zipfile import ZipFile

import docx

_HWPML = 'xmlns:hp="http://www.hancom.co.kr/hwpml/2011/paragraph" xmlns:hs="http://www.hancom.co.kr/hwpml/2011/section"'
_CONTENT = (
    '<?xml version="1.0"?><opf:package xmlns:opf="http://www.idpf.org/2007/opf/"><opf:manifest>'
    '<opf:item id="header" href="Contents/header.xml" media-type="application/xml"/>'
    '<opf:item id="section0" href="Contents/section0.xml" media-type="application/xml"/></opf:manifest>'
    '<opf:spine><opf:itemref idref="header"/><opf:itemref idref="section0"/></opf:spine></opf:package>'
)
_HEADER = '<?xml version="1.0"?><hh:head xmlns:hh="http://www.hancom.co.kr/hwpml/2011/head"/>'


def paragraph(text: str, extra: str = "") -> str:
    """A paragraph of HWPX; `extra` is XML that stands behind the text in the same run."""
    return f'<hp:p id="1"><hp:run charPrIDRef="0"><hp:t>{escape(text)}</hp:t>{extra}</hp:run></hp:p>'


def sublist(text: str) -> str:
    """What notes, captions and running heads of HWPX hold."""
    return f"<hp:subList>{paragraph(text)}</hp:subList>"


def table(rows: Sequence[Sequence[str]], caption: str = "") -> str:
    """A table of HWPX in a paragraph of its own."""
    body = "".join(
        "<hp:tr>"
        + "".join(
            f'<hp:tc>{sublist(cell)}<hp:cellAddr colAddr="{x}" rowAddr="{y}"/>'
            '<hp:cellSpan colSpan="1" rowSpan="1"/></hp:tc>'
            for x, cell in enumerate(row)
        )
        + "</hp:tr>"
        for y, row in enumerate(rows)
    )
    titled = f'<hp:caption side="TOP">{sublist(caption)}</hp:caption>' if caption else ""
    size = f'rowCnt="{len(rows)}" colCnt="{len(rows[0])}"'
    return f'<hp:p id="1"><hp:run><hp:tbl {size}>{titled}{body}</hp:tbl></hp:run></hp:p>'


def hwpx(*parts: str, section: str | None = None, mimetype: str | None = "application/hwp+zip") -> bytes:
    """An HWPX file of paragraphs and tables, or of a whole `section` as it stands."""
    packed = BytesIO()
    with ZipFile(packed, "w") as package:
        if mimetype is not None:
            package.writestr("mimetype", mimetype)
        package.writestr("Contents/content.hpf", _CONTENT)
        package.writestr("Contents/header.xml", _HEADER)
        content = section or f'<?xml version="1.0"?><hs:sec {_HWPML}>{"".join(parts)}</hs:sec>'
        package.writestr("Contents/section0.xml", content)
    return packed.getvalue()


def tracked(text: str, kind: str, number: int = 1, paraend: int = 0) -> str:
    """Text of HWPX between the marks of a tracked change; `kind` is "insert" or "delete"."""
    change = f'Id="{number}" TcId="{number}"'
    return f'<hp:{kind}Begin {change}/>{escape(text)}<hp:{kind}End {change} paraend="{paraend}"/>'


def text_of(inner: str) -> str:
    """A paragraph of HWPX whose text is XML as it stands."""
    return f'<hp:p id="1"><hp:run charPrIDRef="0"><hp:t>{inner}</hp:t></hp:run></hp:p>'


_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
_NOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def docx_of(*body: str, notes: Mapping[int, str] | None = None, styles: str = "") -> bytes:
    """A DOCX whose body is XML as it stands, with footnotes by their number and further styles."""
    packed = BytesIO()
    docx.Document().save(packed)
    with ZipFile(packed) as source:
        parts = {name: source.read(name) for name in source.namelist()}

    def extend(name: str, end: str, more: str) -> None:
        parts[name] = parts[name].replace(end.encode(), f"{more}{end}".encode())

    parts["word/document.xml"] = (
        f'<w:document xmlns:w="{_WORD}" xmlns:mc="{_COMPATIBILITY}"><w:body>{"".join(body)}</w:body></w:document>'
    ).encode()
    extend("word/styles.xml", "</w:styles>", styles)
    made = "".join(
        f'<w:footnote w:id="{number}">{word(text)}</w:footnote>' for number, text in (notes or {}).items()
    )
    parts["word/footnotes.xml"] = f'<w:footnotes xmlns:w="{_WORD}">{made}</w:footnotes>'.encode()
    relation = f'<Relationship Id="rId99" Type="{_RELATION}" Target="footnotes.xml"/>'
    extend("word/_rels/document.xml.rels", "</Relationships>", relation)
    override = f'<Override PartName="/word/footnotes.xml" ContentType="{_NOTES_TYPE}"/>'
    extend("[Content_Types].xml", "</Types>", override)
    made_package = BytesIO()
    with ZipFile(made_package, "w") as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return made_package.getvalue()


def run(text: str, properties: str = "") -> str:
    """A run of DOCX; `properties` is XML."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def word(*inner: str, properties: str = "") -> str:
    """A paragraph of DOCX: runs as XML, or plain text."""
    runs = (part if part.startswith("<") else run(part) for part in inner)
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(runs)}</w:p>"


def word_table(*rows: Sequence[str]) -> str:
    """A table of DOCX; a cell is a paragraph as XML, or plain text."""
    made = "".join(f"<w:tr>{''.join(word_cell(cell) for cell in row)}</w:tr>" for row in rows)
    return f"<w:tbl>{made}</w:tbl>"


def word_cell(content: str) -> str:
    """A cell of a table of DOCX."""
    return f"<w:tc>{content if content.startswith('<w:p') else word(content)}</w:tc>"


def docx_bytes(document: docx.document.Document) -> bytes:
    """A document of python-docx as a file."""
    packed = BytesIO()
    document.save(packed)
    return packed.getvalue()


Word = tuple[float, float, float, str]


def pdf(
    *pages: Iterable[Word],
    lines: Sequence[tuple[float, float, float, float]] = (),
    known: tuple[int, int] | None = (0, 0xFFFF),
    boxes: str = "/MediaBox[0 0 595 842]",
) -> bytes:
    """A PDF whose pages hold words: (x, y from the top, size, text), all in points on A4.

    `lines` are rules (x0, y0, x1, y1) drawn on the first page. Letters are their own Unicode numbers, which the
    font says of those from the first to the last of `known`. `boxes` are the sizes of the pages.
    """
    to_unicode = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n"
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        b"1 beginbfrange <%04X> <%04X> <%04X> endbfrange\nendcmap end end"
        % ((known[0], known[1], known[0]) if known else (0, 0, 0))
    )
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"",
        b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[4 0 R]%s>>"
        % (b"/ToUnicode 5 0 R" if known else b""),
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        b"/Supplement 0>>/DW 1000/FontDescriptor 6 0 R>>",
        _stream(to_unicode),
        b"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 -200 1000 800]/Ascent 800/Descent -200"
        b"/ItalicAngle 0/CapHeight 700/StemV 80>>",
    ]
    kids = []
    for number, words in enumerate(pages):
        content = [
            f"BT /F {size} Tf 1 0 0 1 {x} {842 - y} Tm <{text.encode('utf-16-be').hex()}> Tj ET"
            for x, y, size, text in words
        ]
        if number == 0:
            content += [f"{x0} {842 - y0} m {x1} {842 - y1} l S" for x0, y0, x1, y1 in lines]
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<</Type/Page/Parent 2 0 R{boxes}/Contents {len(objects) + 2} 0 R"
            "/Resources<</Font<</F 3 0 R>>>>>>".encode()
        )
        objects.append(_stream("\n".join(content).encode()))
    objects[1] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>".encode()
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table_place = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table_place)


def _stream(data: bytes) -> bytes:
    return b"<</Length %d>>\nstream\n%s\nendstream" % (len(data), data)


def ole(*streams: str) -> bytes:
    """An OLE container with empty streams, as [MS-CFB] lays it out: header, one FAT sector, the directory."""
    none, end, fat = b"\xff" * 4, b"\xfe\xff\xff\xff", b"\xfd\xff\xff\xff"
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
        + struct.pack("<III", 0, 1, 1) + bytes(4) + struct.pack("<I", 4096) + end + bytes(4) + end + bytes(4)
        + bytes(4) + none * 108
    )  # fmt: skip
    entries = [_ole_entry("Root Entry", 5, 1 if streams else None, None)]
    for number, name in enumerate(streams, 1):
        entries.append(_ole_entry(name, 2, None, number + 1 if number < len(streams) else None))
    entries += [_ole_entry("", 0, None, None)] * (4 - len(entries))
    return header + fat + end + none * 126 + b"".join(entries)


def _ole_entry(name: str, kind: int, child: int | None, right: int | None) -> bytes:
    def link(number: int | None) -> int:
        return 0xFFFFFFFF if number is None else number

    encoded = name.encode("utf-16-le")
    return (
        encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded) + 2 if name else 0, kind, 1)
        + struct.pack("<III", 0xFFFFFFFF, link(right), link(child)) + bytes(36) + struct.pack("<IQ", 0xFFFFFFFE, 0)
    )  # fmt: skip
