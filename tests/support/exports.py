"""Exports of any size, written row by row: CSV, JSON and XLSX."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORKBOOK = f'<workbook {MAIN} xmlns:r="{_OFFICE}"><sheets><sheet name="목록" sheetId="1" r:id="rId1"/></sheets></workbook>'
_PARTS = {
    "[Content_Types].xml": _TYPES,
    "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": _WORKBOOK,
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    ),
}


def csv_text(rows: Iterable[Sequence[object]], delimiter: str = ",") -> str:
    """Rows, the header first, as CSV."""
    stream = StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue()


def xlsx(*sheets: Sequence[Sequence[Any]], merged: Sequence[str] = ()) -> bytes:
    """A workbook as openpyxl writes it; `merged` are ranges of the first sheet."""
    workbook = openpyxl.Workbook()
    for place, rows in enumerate(sheets):
        sheet = workbook.active if place == 0 else workbook.create_sheet()
        assert sheet is not None
        for row in rows:
            sheet.append(list(row))
        for cells in merged if place == 0 else ():
            sheet.merge_cells(cells)
    packed = BytesIO()
    workbook.save(packed)
    return packed.getvalue()


def raw_xlsx(sheet: str, strings: str = "", **parts: str) -> bytes:
    """A workbook whose sheet has this XML within `sheetData`, with this XML within its shared strings."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as package:
        for name, text in _PARTS.items():
            package.writestr(name, text)
        package.writestr("xl/sharedStrings.xml", parts.get("strings_part", f"<sst {MAIN}>{strings}</sst>"))
        written = f"<worksheet {MAIN}><sheetData>{sheet}</sheetData></worksheet>"
        package.writestr("xl/worksheets/sheet1.xml", parts.get("sheet_part", written))
    return packed.getvalue()


def write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(names)
        writer.writerows(rows)


def write_json(path: Path, names: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"count": 0, "data": [\n')
        for number, row in enumerate(rows):
            stream.write(",\n" if number else "")
            json.dump(dict(zip(names, row, strict=True)), stream, ensure_ascii=False)
        stream.write("\n]}\n")


def write_xlsx(path: Path, names: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A workbook as Excel writes it, each text a shared string."""
    with TemporaryFile() as strings, ZipFile(path, "w", ZIP_DEFLATED) as package:
        for name, text in _PARTS.items():
            package.writestr(name, text)
        number = 0
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f"<worksheet {MAIN}><sheetData>".encode())
            for place, row in enumerate(chain([names], rows), 1):
                cells = []
                for column, text in enumerate(row):
                    cells.append(f'<c r="{chr(65 + column)}{place}" t="s"><v>{number}</v></c>')
                    strings.write(f"<si><t>{escape(text)}</t></si>".encode())
                    number += 1
                sheet.write(f'<row r="{place}">{"".join(cells)}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")
        strings.seek(0)
        with package.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            part.write(f"<sst {MAIN}>".encode())
            while chunk := strings.read(1 << 20):
                part.write(chunk)
            part.write(b"</sst>")
