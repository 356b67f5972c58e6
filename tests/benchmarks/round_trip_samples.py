"""Documents of what readers get wrong, for `round_trip`."""

from __future__ import annotations

from dataclasses import dataclass

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

TITLE = "새 도서관 문 열어"
LEAD = "창원특례시(시장 홍길동)는 25일 새 도서관을 열었다고 밝혔다."
TIMES = [["배포", "2023. 4. 3.(월) 09:00", "보도시점", "2023. 4. 4.(화) 12:00"]]


@dataclass(frozen=True, slots=True)
class Sample:
    """A document made here, and what of it a second reader may show though no one sees it."""

    data: bytes
    unseen: tuple[str, ...] = ()


def sample_documents() -> dict[str, Sample]:
    """Thirty small documents of things that readers get wrong, by file name."""
    return {**_docx_samples(), **_hwpx_samples(), **_pdf_samples()}


def _docx_samples() -> dict[str, Sample]:
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
        f"made-{name}.docx": Sample(docx_of(*body, notes={2: "추가경정예산이다."}), unseen)
        for name, (body, unseen) in bodies.items()
    }


def _hwpx_samples() -> dict[str, Sample]:
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
    return {f"made-{name}.hwpx": Sample(hwpx(*body), unseen) for name, (body, unseen) in bodies.items()}


def _pdf_samples() -> dict[str, Sample]:
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
        "made-문단.pdf": Sample(pdf(head)),
        "made-두-단.pdf": Sample(pdf([*head, *left, *right])),
        "made-표.pdf": Sample(pdf([*head, *cells], lines=rules)),
        "made-두-번-찍은-글.pdf": Sample(pdf([*head, *struck])),
        "made-쪽-번호.pdf": Sample(pdf([*head, *numbers[0]], [*second, *numbers[1]])),
        "made-머리말.pdf": Sample(pdf([*running, *head], [*running, *second]), ("창원특례시 공보 소식지",)),
        "made-첫-쪽의-가장자리.pdf": Sample(
            pdf([(60.0, 30.0, 9.0, "첫 쪽에만 있는 문장이다."), *head], second)
        ),
        "made-앞에-다른-글.pdf": Sample(b"HTTP/1.1 200 OK\r\n\r\n" + pdf(head)),
        "made-쪽-밖의-글.pdf": Sample(pdf([*slug, *head], boxes=crop), ("시보.indd 인쇄용 표시",)),
        "made-배포-정보.pdf": Sample(
            pdf(
                [
                    (60.0, 60.0, 14.0, "보도자료"),
                    (60.0, 80.0, 9.0, "보도시점 : 2023. 4. 3.(월) 11:00 이후"),
                    *head,
                ]
            )
        ),
    }
