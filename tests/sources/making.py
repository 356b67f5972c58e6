"""Small documents, made where they are needed: HWPX, PDF and the parts of a DOCX that python-docx lacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from xml.sax.saxutils import escape
from zipfile import ZipFile

import docx

_HWPML = 'xmlns:hp="http://www.hancom.co.kr/hwpml/2011/paragraph" xmlns:hs="http://www.hancom.co.kr/hwpml/2011/section"'
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


def hwpx(*parts: str, section: str | None = None, mimetype: str = "application/hwp+zip") -> bytes:
    """An HWPX file of paragraphs and tables, or of a whole `section` as it stands."""
    packed = BytesIO()
    with ZipFile(packed, "w") as package:
        package.writestr("mimetype", mimetype)
        package.writestr("Contents/header.xml", _HEADER)
        content = section or f'<?xml version="1.0"?><hs:sec {_HWPML}>{"".join(parts)}</hs:sec>'
        package.writestr("Contents/section0.xml", content)
    return packed.getvalue()


def docx_bytes(document: docx.document.Document) -> bytes:
    """A document of python-docx as a file."""
    packed = BytesIO()
    document.save(packed)
    return packed.getvalue()


Word = tuple[float, float, float, str]


def pdf(*pages: Iterable[Word], lines: Sequence[tuple[float, float, float, float]] = ()) -> bytes:
    """A PDF whose pages hold words: (x, y from the top, size, text), all in points on A4.

    `lines` are rules (x0, y0, x1, y1) drawn on the first page. Letters are their own Unicode numbers.
    """
    to_unicode = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n"
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        b"1 beginbfrange <0000> <FFFF> <0000> endbfrange\nendcmap end end"
    )
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"",
        b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[4 0 R]/ToUnicode 5 0 R>>",
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
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {len(objects) + 2} 0 R"
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
