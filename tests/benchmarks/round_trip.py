"""Every sentence that a second reader sees in a document is in its release, or is listed as rightly dropped.

    python -m tests.benchmarks.round_trip FOLDER [FOLDER ...]

The second readers are no dependencies: LibreOffice (its PDF of a DOCX, read by pypdfium2), hwp-hwpx-parser and
unhwp for HWP and HWPX, pypdfium2 for PDF. One that is not installed is left out, and said. The documents of the
folders are read, and thirty made here, of things that readers get wrong. Printed are, for every file, each
sentence that the second reader shows and the release has not, with why it is dropped, or "LACKING"; then the
sums. The status is 1 where any is lacking.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from indexer.release import PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_document
from indexer.sources.parsing import ParsedFile
from indexer.sources.problems import ContentError
from indexer.sources.recognizers.masthead import flag_masthead, is_emblem
from tests.support.documents import (
    docx_of,
    hwpx,
    paragraph,
    pdf,
    run,
    sublist,
    table,
    text_of,
    tracked,
    word,
    word_cell,
    word_table,
)

_NO_LETTER = re.compile(r"[\W_]+")
_CUT = re.compile(r"[\n\r\t\v\f|]+|(?<=[다요음함임됨])\.\s")
_MARKUP = re.compile(r"\[IMAGE\]|\[MEMO:\d+\]|!\[[^\]]*\]\([^)]*\)|<[^<>\n]{1,80}>|\[\^?\d+\]:?")
_DIGITS = re.compile(r"\d+")
_LEAST_LETTERS = 2
_LEAST_PIECE = 5
_PAGE_NUMBER = re.compile(r"\W*\d{1,4}\W*(?:/\W*\d{1,4}\W*)?쪽?\W*")

TITLE = "새 도서관 문 열어"
LEAD = "창원특례시(시장 홍길동)는 25일 새 도서관을 열었다고 밝혔다."
TIMES = [["배포", "2023. 4. 3.(월) 09:00", "보도시점", "2023. 4. 4.(화) 12:00"]]


_READ, _JOINED, _MASTHEAD = "보도자료에 있음", "이어 붙인 자리만 다름", "띠와 배포 정보"
_PAGE, _HIDDEN = "쪽 번호", "보이지 않는 글"
_OUTCOMES = (_READ, _JOINED, _MASTHEAD, _PAGE, _HIDDEN, "LACKING")
# A hidden comment and a running head in a file of the folders.
_UNSEEN: dict[str, tuple[str, ...]] = {"marks.hwpx": ("숨은설명글", "머리말글")}


@dataclass(frozen=True, slots=True)
class Made:
    """A document made here, and what of it a second reader may show though no one sees it."""

    data: bytes
    unseen: tuple[str, ...] = ()


def main() -> None:
    """Print what each file shows and has, and the sums."""
    with tempfile.TemporaryDirectory() as scratch:
        paths = [
            path for folder in sys.argv[1:] for path in sorted(Path(folder).rglob("*")) if path.is_file()
        ]
        unseen = dict(_UNSEEN)
        for name, document in made().items():
            path = Path(scratch) / name
            path.write_bytes(document.data)
            paths.append(path)
            unseen[name] = document.unseen
        sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        second = _Second(Path(scratch))
        for path in paths:
            _compare(path, second, unseen.get(path.name, ()), sums)
    print("\n| 형식 | 둘째 추출기 | 파일 | 문장 |", " | ".join(_OUTCOMES), "|")
    print("| --- | --- | --- | --- |", " | ".join("---" for _ in _OUTCOMES), "|")
    for (told, name), counts in sorted(sums.items()):
        values = [counts["files"], sum(counts[outcome] for outcome in _OUTCOMES)]
        values += [counts[outcome] for outcome in _OUTCOMES]
        print(f"| {told} | {name} |", " | ".join(f"{value:,}" for value in values), "|")
    sys.exit(any(counts["LACKING"] for counts in sums.values()))


def _compare(
    path: Path, second: _Second, unseen: tuple[str, ...], sums: dict[tuple[str, str], Counter[str]]
) -> None:
    """Print what a second reader sees of a file and the release has not, and add it to `sums`."""
    try:
        reading = read_document(CorpusFile(path, path.name))
    except ContentError as error:
        print(f"{path.name}: {error.message}")
        return
    release = _all_letters(reading)
    for name, text in second.read(path, str(reading.format)):
        shown = list(dict.fromkeys(_sentences(text)))
        counts = sums[str(reading.format), name]
        counts["files"] += 1
        print(f"{path.name}, {name}: {len(shown)}문장")
        for sentence in shown:
            outcome = _outcome(sentence, shown, release, unseen)
            counts[outcome] += 1
            if outcome != _READ:
                print(f"    {outcome}: {sentence}")


def _sentences(text: str) -> Iterator[str]:
    for part in _CUT.split(_MARKUP.sub("\n", text)):
        sentence = " ".join(part.split())
        if len(_letters(sentence)) >= _LEAST_LETTERS:
            yield sentence


def _has(release: str, sentence: str) -> bool:
    """Whether a release has the letters of a sentence, whatever the number of a note or of an item in it."""
    letters = _letters(sentence)
    without_item = _letters(re.sub(r"^\W*(?:\d{1,3}|[가-하ivxIVXa-z])[.)]\s", "", sentence))
    return (
        letters in release or without_item in release or _DIGITS.sub("", letters) in _DIGITS.sub("", release)
    )


def _outcome(sentence: str, shown: list[str], release: str, unseen: tuple[str, ...]) -> str:
    """One of `_OUTCOMES`: whether the release has a sentence that the second reader shows, or why not."""
    if _has(release, sentence):
        return _READ
    if _is_in_pieces(sentence, release):
        return _JOINED
    if _PAGE_NUMBER.fullmatch(sentence):
        return _PAGE
    letters = _letters(sentence)
    for hidden in map(_letters, unseen):
        if hidden in letters and _has(release, letters.replace(hidden, "")):
            return _HIDDEN
    place = shown.index(sentence)
    # The table of times is recognised by its labels, which stand in the cells around; an emblem stands in the
    # cell before the one that says that this is a press release.
    around, beside = shown[max(0, place - 4) : place + 1], " | ".join(shown[place : place + 2])
    if flag_masthead([sentence])[0] or flag_masthead(around)[-1] or is_emblem(beside):
        return _MASTHEAD
    return "LACKING"


def _is_in_pieces(sentence: str, release: str) -> bool:
    """Whether a release has all of a sentence, joined in another way: in pieces each too long to be a chance,
    or its words in the cells of two rows.
    """
    letters = _letters(sentence)
    place = 0
    while place < len(letters):
        end = place + _LEAST_PIECE
        if letters[place:end] not in release or end > len(letters):
            break
        while end < len(letters) and letters[place : end + 1] in release:
            end += 1
        place = end
    if place >= len(letters):
        return True
    words = [word for part in sentence.split() if (word := _letters(part))]
    lines = release.split("\n")
    return any(all(word in one + other for word in words) for one, other in pairwise(lines))


def _all_letters(reading: ParsedFile) -> str:
    (release,) = (item for item in reading.items if isinstance(item, PressRelease))
    fields = (
        release.title,
        release.subtitle,
        release.outlet,
        release.department,
        release.contact,
        release.body,
    )
    return "\n".join(map(_letters, fields))


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", unicodedata.normalize("NFKC", text))


class _Second:
    """The second readers that are installed."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._readers: dict[str, list[tuple[str, Callable[[Path], str]]]] = {
            "hwp": [("hwp-hwpx-parser", _hwp_hwpx_parser), ("unhwp", _unhwp)],
            "hwpx": [("hwp-hwpx-parser", _hwp_hwpx_parser), ("unhwp", _unhwp)],
            "pdf": [("pypdfium2", _pypdfium2)],
            "docx": [("LibreOffice", self._libreoffice)],
        }

    def read(self, path: Path, told: str) -> Iterator[tuple[str, str]]:
        """Name and text of each second reader of a format; one that fails is said."""
        named = self._scratch / f"{path.stem}.second.{told}"
        shutil.copy(path, named)
        for name, read in self._readers.get(told, ()):
            try:
                yield name, read(named)
            except ImportError:
                print(f"{name}: 설치되어 있지 않아 뺍니다.", file=sys.stderr)
            except Exception as error:
                print(f"{path.name}, {name}: 읽지 못했습니다({type(error).__name__}).")

    def _libreoffice(self, path: Path) -> str:
        program = shutil.which("soffice")
        if program is None:
            raise ImportError("soffice")
        command = [program, "--headless", "--convert-to", "pdf", "--outdir", str(self._scratch), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return _pypdfium2(path.with_suffix(".pdf"))


def _hwp_hwpx_parser(path: Path) -> str:
    import hwp_hwpx_parser

    with hwp_hwpx_parser.Reader(str(path)) as reader:
        return str(reader.text)


def _unhwp(path: Path) -> str:
    import unhwp

    return str(unhwp.extract_text(str(path)))


def _pypdfium2(path: Path) -> str:
    import pypdfium2

    with pypdfium2.PdfDocument(str(path)) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def made() -> dict[str, Made]:
    """Thirty small documents of things that readers get wrong, by file name."""
    return {**_made_docx(), **_made_hwpx(), **_made_pdf()}


def _made_docx() -> dict[str, Made]:
    title = word(run(TITLE, '<w:sz w:val="44"/>'))
    note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    box = (
        '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml" type="#_x0000_t202" '
        'style="width:200pt;height:40pt"><v:textbox><w:txbxContent>'
        f"{word('글상자의 글이다.')}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    control = "<w:sdt><w:sdtPr/><w:sdtContent>{}</w:sdtContent></w:sdt>"
    row = f"<w:tr>{word_cell('담당 부서')}{control.format(word_cell('도서관정책과'))}</w:tr>"
    bodies: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
        "눈썹제목": ((word(run("수출 일조원 시대 연다", '<w:sz w:val="28"/>')), title, word(LEAD)), ()),
        "위의-표": ((word_table(["행사명", "봄꽃 한마당"], ["장소", "진해루"]), title, word(LEAD)), ()),
        "배포-정보": ((word("보도자료"), word_table(*TIMES), title, word(LEAD)), ()),
        "콘텐츠-컨트롤": ((title, word(LEAD), f"<w:tbl>{row}</w:tbl>"), ()),
        "옮긴-글": (
            (
                title, word(LEAD), word(f'<w:moveFrom w:id="1">{run("옮긴 문장이다.")}</w:moveFrom>'), word("남은 문장이다."),
                word(f'<w:moveTo w:id="2">{run("옮긴 문장이다.")}</w:moveTo>'),
            ),
            (),
        ),
        "지운-글": (
            (
                title, word(LEAD),
                word(run("예산은 "), '<w:del w:id="1"><w:r><w:delText>구백억</w:delText></w:r></w:del>', run("팔백억 원이다.")),
            ),
            ("구백억",),
        ),
        "숨긴-글": ((title, word(LEAD), word(run("보이는 말"), run("숨긴 말", "<w:vanish/>"))), ()),
        "각주": ((title, word(run(LEAD), note), word_table(["예산", "백억"])), ()),
        "칸의-각주": ((title, word(LEAD), word_table(["예산", word(run("백억"), note)])), ()),
        "글상자": ((title, word(LEAD), word(run("상자 앞의 글이다."), box), word_table(["왼쪽", word(run("칸"), box)])), ()),
    }  # fmt: skip
    return {
        f"made-{name}.docx": Made(docx_of(*body, notes={2: "추가경정예산이다."}), unseen)
        for name, (body, unseen) in bodies.items()
    }


def _made_hwpx() -> dict[str, Made]:
    title, lead = paragraph(TITLE), paragraph(LEAD)
    note = f'<hp:ctrl><hp:footNote number="1">{sublist("각주의 글이다.")}</hp:footNote></hp:ctrl>'
    box = f"<hp:rect><hp:drawText>{sublist('글상자의 글이다.')}</hp:drawText></hp:rect>"
    bookmark = '<hp:ctrl><hp:bookmark name="책갈피 이름"/></hp:ctrl>'
    comment = f"<hp:ctrl><hp:hiddenComment>{sublist('숨은 설명이다.')}</hp:hiddenComment></hp:ctrl>"
    running = f"<hp:ctrl><hp:header>{sublist('머리말의 글')}</hp:header></hp:ctrl>"
    deleted = text_of(f"예산은 {tracked('구백억', 'delete')}{tracked('팔백억', 'insert', 2)} 원이다.")
    bodies: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
        "문단": ((title, lead, paragraph("둘째 문단이다.")), ()),
        "표": ((title, lead, table([["구분", "건수"], ["산불", "12"]], caption="지난해 산불")), ()),
        "각주": ((title, lead, paragraph("각주가 있는 문단이다.", note)), ()),
        "글상자": ((title, lead, paragraph("상자가 있는 문단이다.", box)), ()),
        "변경-추적": ((title, lead, deleted), ("구백억",)),
        "책갈피": (
            (title, lead, paragraph("책갈피가 있는 문단이다.", bookmark)),
            ("책갈피 이름", "bookmark"),
        ),
        "숨은-설명": ((title, lead, paragraph("설명이 있는 문단이다.", comment)), ("숨은 설명이다.",)),
        "머리말": ((title, lead, paragraph("머리말이 있는 문단이다.", running)), ("머리말의 글",)),
        "한컴-글자": ((paragraph("\uf53a글과컴퓨터, 새 제품 내놔"), lead), ("\uf53a글과컴퓨터",)),
        "배포-정보": ((table([["", "보도자료"]]), table(TIMES), title, lead), ()),
    }
    return {f"made-{name}.hwpx": Made(hwpx(*body), unseen) for name, (body, unseen) in bodies.items()}


def _made_pdf() -> dict[str, Made]:
    head = [(60.0, 100.0, 22.0, TITLE), (60.0, 200.0, 10.0, LEAD)]
    left = [
        (60.0, 250.0 + 14 * number, 10.0, f"왼쪽 단의 {number}째 줄이 여기에 있다") for number in range(6)
    ]
    right = [
        (320.0, 250.0 + 14 * number, 10.0, f"오른 단의 {number}째 줄이 여기에 있다") for number in range(6)
    ]
    rules = [(60.0, y, 300.0, y) for y in (300.0, 330.0, 360.0)]
    rules += [(x, 300.0, x, 360.0) for x in (60.0, 180.0, 300.0)]
    cells = [(70.0, 320.0, 10.0, "구분"), (190.0, 320.0, 10.0, "건수")]
    cells += [(70.0, 350.0, 10.0, "산불"), (190.0, 350.0, 10.0, "12건")]
    second = [(60.0, 200.0, 10.0, "둘째 쪽의 글이다.")]
    struck = [(x + 0.4, y, size, text) for x, y, size, text in head]
    slug = [(60.0, 20.0, 8.0, "시보.indd 인쇄용 표시")]
    numbers = [[(280.0, 820.0, 9.0, f"- {number} -")] for number in (1, 2)]
    running = [(60.0, 30.0, 9.0, "창원특례시 공보 소식지")]
    crop = "/MediaBox[0 0 595 842]/CropBox[0 60 595 800]"
    return {
        "made-문단.pdf": Made(pdf(head)),
        "made-두-단.pdf": Made(pdf([*head, *left, *right])),
        "made-표.pdf": Made(pdf([*head, *cells], lines=rules)),
        "made-두-번-찍은-글.pdf": Made(pdf([*head, *struck])),
        "made-쪽-번호.pdf": Made(pdf([*head, *numbers[0]], [*second, *numbers[1]])),
        "made-머리말.pdf": Made(pdf([*running, *head], [*running, *second]), ("창원특례시 공보 소식지",)),
        "made-첫-쪽의-가장자리.pdf": Made(
            pdf([(60.0, 30.0, 9.0, "첫 쪽에만 있는 문장이다."), *head], second)
        ),
        "made-앞에-다른-글.pdf": Made(b"HTTP/1.1 200 OK\r\n\r\n" + pdf(head)),
        "made-쪽-밖의-글.pdf": Made(pdf([*slug, *head], boxes=crop), ("시보.indd 인쇄용 표시",)),
        "made-배포-정보.pdf": Made(
            pdf(
                [
                    (60.0, 60.0, 14.0, "보도자료"),
                    (60.0, 80.0, 9.0, "보도시점 : 2023. 4. 3.(월) 11:00 이후"),
                    *head,
                ]
            )
        ),
    }


if __name__ == "__main__":
    main()
