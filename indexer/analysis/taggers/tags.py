"""The tag sets of the other analyzers -> Sejong's, which mecab-ko-dic uses (`indexer.text.tags`).

After KoNLPy's comparison of tag sets (https://konlpy.org/en/latest/morph/#pos-tag-comparison). A tag that is
not listed is the same in both sets, or one of which no term is made.
"""

from __future__ import annotations

from collections.abc import Mapping

OKT: Mapping[str, str] = {
    "Noun": "NNG", "ProperNoun": "NNP", "Verb": "VV", "Adjective": "VA", "Adverb": "MAG",
    "Determiner": "MM", "Modifier": "MM", "Number": "SN", "Alpha": "SL", "Foreign": "SL", "Hashtag": "NNG",
    "ScreenName": "SL", "Email": "SL", "URL": "SL", "Josa": "JX", "PreEomi": "EP", "Eomi": "EC",
    "NounPrefix": "XPN", "Prefix": "XPN", "Suffix": "XSN",
}  # fmt: skip
HANNANUM: Mapping[str, str] = {
    "NC": "NNG", "NQ": "NNP", "NB": "NNB", "NN": "NR", "NP": "NP", "PV": "VV", "PA": "VA", "PX": "VX",
    "MM": "MM", "MA": "MAG", "XP": "XPN", "XS": "XSN", "F": "SL", "EP": "EP", "EC": "EC", "ET": "ETM",
    "EF": "EF",
}  # fmt: skip
KKMA: Mapping[str, str] = {
    "NNM": "NNB", "MDT": "MM", "MDN": "MM", "OL": "SL", "OH": "SH", "ON": "SN", "UN": "NNG",
    "VXV": "VX", "VXA": "VX", "EPH": "EP", "EPT": "EP", "EPP": "EP", "ECE": "EC", "ECS": "EC", "ECD": "EC",
    "ETD": "ETM", "EFN": "EF", "EFQ": "EF", "EFO": "EF", "EFA": "EF", "EFI": "EF", "EFR": "EF",
}  # fmt: skip
KIWI: Mapping[str, str] = {
    "W_URL": "SL", "W_EMAIL": "SL", "W_HASHTAG": "NNG", "W_MENTION": "SL", "W_SERIAL": "SN",
    "VV-I": "VV", "VV-R": "VV", "VA-I": "VA", "VA-R": "VA",
}  # fmt: skip
KOMORAN: Mapping[str, str] = {"NA": "NNG", "NF": "NNG"}
