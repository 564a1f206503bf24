"""Finding procedures by words: official or everyday, with or without diacritics, unfinished or mistyped."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, pairwise

from services.intake.procedures.readings import WITHOUT_FILLER, EverydayWords, Reading, Word, readings
from services.intake.procedures.typing_mistakes import Vocabulary
from shared.catalogue.text import words_of

Rank = tuple[int, ...]
"""Lower is better; see :func:`_rank`."""
SCATTERED = 2
"""The words do not stand together as one phrase; lower is better."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a text finds.

    Attributes:
        codes: of the procedures, the best first.
        instead: the words that were searched for where those typed found nothing; empty where they did.
    """

    codes: list[str]
    instead: str = ""


@dataclass(frozen=True, slots=True)
class _Name:
    """The name of a procedure, ready to be compared."""

    words: tuple[Word, ...]
    known: frozenset[Word]
    exact: tuple[str, ...]
    plain: tuple[str, ...]


class SearchIndex:
    """The names of procedures by their words, so that a search looks only at those that have them; never changes.

    Args:
        entries: the words of each procedure's name, by its code.
        everyday: what people type.
    """

    def __init__(self, entries: Mapping[str, Sequence[Word]], everyday: EverydayWords) -> None:
        self._everyday = everyday
        self._names = {code: _name(words) for code, words in entries.items()}
        self._with_word: dict[str, set[str]] = {}
        for code, name in self._names.items():
            for word in name.plain:
                self._with_word.setdefault(word, set()).add(code)
        self._words = sorted(self._with_word)
        said = (word for saying in everyday.sayings for one in saying.say for _, word in one)
        self._filler = frozenset(word for _, word in everyday.filler)
        named = (word for one in self._names.values() for word in one.plain)
        self._vocabulary = Vocabulary(chain(named, said, self._filler))

    def search(self, text: str, day: date, among: Collection[str] | None = None) -> Found:
        """Return what a text finds, the best first.

        Words that stand together in the text must stand together in the name, except for one; if that finds nothing, the last word may
        be unfinished; if that finds nothing either, the words may stand anywhere, as typed; and at last words may be mistyped.

        Args:
            text: as typed.
            day: the day whose everyday words are understood.
            among: codes of the procedures that are wanted; None for all.
        """
        asked = readings(text, self._everyday, day)
        codes = self._find(asked, ((False, False), (True, False), (False, True)))
        found = Found(codes) if codes else self._mistyped(tuple(plain for _, plain in words_of(text)), day)
        return found if among is None else Found([code for code in found.codes if code in among], found.instead)

    def _mistyped(self, typed: tuple[str, ...], day: date) -> Found:
        if not set(typed) - self._filler:
            return Found([])
        best: dict[str, tuple[int, Rank, str]] = {}
        surely = all(word in self._vocabulary for word in typed)
        for mistakes, meant in chain([(0, typed)], self._vocabulary.corrected(typed)):
            if best and mistakes > min(best.values())[0]:
                break
            text = " ".join(meant)
            asked = [one for one in readings(text, self._everyday, day) if one.trust != WITHOUT_FILLER or mistakes]
            ranks = self._ranks(asked, False, False)
            if surely and mistakes:  # each word is one that exists, so only a whole phrase shows that another was meant
                ranks = {code: rank for code, rank in ranks.items() if rank[0] < 0 or rank[1] < SCATTERED}
            elif not ranks:
                ranks = self._ranks(asked, True, False)
            for code, rank in ranks.items():
                best[code] = min(best.get(code, (mistakes, rank, text)), (mistakes, rank, text))
        codes = sorted(best, key=lambda code: (best[code], code))
        return Found(codes, best[codes[0]][2] if codes else "")

    def _find(self, asked: Sequence[Reading], stages: Iterable[tuple[bool, bool]]) -> list[str]:
        for unfinished, scattered in stages:
            ranks = self._ranks(asked, unfinished, scattered)
            if ranks:
                return sorted(ranks, key=lambda code: (ranks[code], code))
        return []

    def _ranks(self, asked: Sequence[Reading], unfinished: bool, scattered: bool) -> dict[str, Rank]:
        ranks: dict[str, Rank] = {}
        for reading in (one for one in asked if not (scattered and one.trust == WITHOUT_FILLER)):
            for code in self._candidates(reading, unfinished):
                rank = _rank(reading, code, self._names[code], unfinished, scattered)
                if rank is not None and (code not in ranks or rank < ranks[code]):
                    ranks[code] = rank
        return ranks

    def _candidates(self, reading: Reading, unfinished: bool) -> Iterable[str]:
        """The procedures that may fit: those that have all words, those of the saying, and those of a code."""
        named = [code for code in reading.codes if code in self._names]
        if len(reading.words) == 1 and reading.words[0][0][0].isdigit():
            return self._names
        plain = [letters for _, letters in reading.words]
        sets = [self._with_word.get(word, set()) for word in (plain[:-1] if unfinished else plain)]
        if unfinished:
            sets.append(self._beginning(plain[-1]))
        sets.sort(key=len)
        return {*sets[0].intersection(*sets[1:]), *named} if sets else named

    def _beginning(self, begun: str) -> set[str]:
        if len(begun) < 2:
            return self._with_word.get(begun, set())
        found: set[str] = set()
        for place in range(bisect_left(self._words, begun), len(self._words)):
            if not self._words[place].startswith(begun):
                break
            found |= self._with_word[self._words[place]]
        return found


def _name(words: Sequence[Word]) -> _Name:
    return _Name(tuple(words), frozenset(words), tuple(word for word, _ in words), tuple(plain for _, plain in words))


def _rank(reading: Reading, code: str, name: _Name, unfinished: bool, scattered: bool) -> Rank | None:
    """How well a procedure fits: named by the saying, the trust in the reading, the words as one phrase (with diacritics before
    without), how many words agree in their diacritics, where the phrase stands, how long the name is; None: not at all.

    Args:
        reading: what was typed.
        code, name: of the procedure.
        unfinished: whether the last word may be only begun.
        scattered: whether the words may stand anywhere, with the diacritics that were typed.
    """
    if code in reading.codes:
        return (-1, reading.codes.index(code))
    if len(reading.words) == 1 and _is_part_of_code(reading.words[0][0], code):
        return (reading.trust, 0)
    plain, names = [letters for _, letters in reading.words], name.plain
    if unfinished:
        plain[-1] = _finished(plain[-1], plain[-2:-1], names)
    if not set(plain).issubset(names):
        return None
    if scattered:
        if not all(word in name.known or word[0] == word[1] for word in reading.words):
            return None
    elif _alone(plain, names) > 1:
        return None
    exact, loose = _place([word for word, _ in reading.words], name.exact), _place(plain, names)
    phrase = 0 if exact is not None else 1 if loose is not None else SCATTERED
    place = next((found for found in (exact, loose) if found is not None), len(names))
    return (reading.trust, phrase, -sum(word in name.known for word in reading.words), place, len(names))


def _is_part_of_code(word: str, code: str) -> bool:
    return word[0].isdigit() and len(word) > 2 and word in code.casefold()


def _finished(begun: str, before: Sequence[str], names: Sequence[str]) -> str:
    """The word of a name that begins so and stands after the same word; the beginning itself if there is none."""
    if len(begun) < 2:
        return begun
    found = (
        name
        for place, name in enumerate(names)
        if name.startswith(begun) and (not before or [*before] == list(names[max(place - 1, 0) : place]))
    )
    return next(found, begun)


def _alone(words: Sequence[str], names: Sequence[str]) -> int:
    """How many words stand beside neither of their neighbours in the name; 0 for a single word."""
    if len(words) == 1:
        return 0
    pairs = set(pairwise(names))
    together = {place for place, pair in enumerate(pairwise(words)) if pair in pairs}
    return sum(place not in together and place - 1 not in together for place in range(len(words)))


def _place(part: Sequence[str], whole: Sequence[str]) -> int | None:
    """Where a phrase stands in a text; None where it does not."""
    for start in range(len(whole) - len(part) + 1):
        if list(whole[start : start + len(part)]) == list(part):
            return start
    return None
