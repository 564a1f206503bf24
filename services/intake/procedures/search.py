"""Finding procedures by words: whole words in any order, typed with or without diacritics, official or everyday."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from shared.catalogue.text import words_of

Word = tuple[str, str]
"""A word folded with its diacritics, and without."""
Rank = tuple[int, ...]
"""Lower is better; see :func:`_rank`."""

AS_SAID, AS_TYPED, WITHOUT_FILLER = range(3)
"""How far a reading is to be trusted: an everyday saying, the words as typed, the words without those that say nothing."""
_MOST_READINGS = 16


@dataclass(frozen=True, slots=True)
class Saying:
    """An everyday way to say what a procedure is about, from `valid_from` to `valid_to`, both inclusive (None: no end).

    Attributes:
        say: what people type, each as words.
        means: words of the names of procedures, each another meaning.
        codes: procedures that come first where nothing else was typed.
    """

    say: tuple[tuple[Word, ...], ...]
    means: tuple[tuple[Word, ...], ...]
    codes: tuple[str, ...]
    valid_from: date
    valid_to: date | None

    def valid_on(self, day: date) -> bool:
        """Whether people say so on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class EverydayWords:
    """What people type.

    Attributes:
        filler: words that say nothing about the procedure, such as "làm" and "giấy tờ".
        sayings: everyday ways to say things.
    """

    filler: frozenset[Word]
    sayings: tuple[Saying, ...]

    def on(self, day: date) -> list[tuple[tuple[Word, ...], Saying]]:
        """What is said on a day, the longest first, so that "sang tên sổ đỏ" is read before "sổ đỏ"."""
        valid = [(said, saying) for saying in self.sayings if saying.valid_on(day) for said in saying.say]
        return sorted(valid, key=lambda entry: -len(entry[0]))


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read what was typed.

    Attributes:
        words: all must be found.
        codes: procedures that come first.
        trust: lower is better: :data:`AS_SAID`, :data:`AS_TYPED` or :data:`WITHOUT_FILLER`.
    """

    words: tuple[Word, ...]
    codes: tuple[str, ...]
    trust: int


def readings(text: str, everyday: EverydayWords, day: date) -> list[Reading]:
    """Return the ways to read a text, the most trusted first; none for a text without words."""
    typed = tuple(words_of(text))
    bare = _without_filler(typed, everyday)
    found = list(_sayings(typed, everyday, day))
    if typed:
        found.append(Reading(typed, (), AS_TYPED))
    if bare and bare != typed:
        found.append(Reading(bare, (), WITHOUT_FILLER))
    return found


def find(entries: Mapping[str, Sequence[Word]], asked: Iterable[Reading]) -> list[str]:
    """Return the codes of the procedures that a text finds, the best first.

    Words that stand together in the text must stand together in the name, except for one; if that finds nothing, the last word may
    be unfinished; if that finds nothing either, the words may stand anywhere, as typed.

    Args:
        entries: the words of each procedure's name, by its code.
        asked: as :func:`readings` returns it.
    """
    asked = list(asked)
    for unfinished, scattered in ((False, False), (True, False), (False, True)):
        ranks: dict[str, Rank] = {}
        for reading in (one for one in asked if not (scattered and one.trust == WITHOUT_FILLER)):
            for code, words in entries.items():
                rank = _rank(reading, code, words, unfinished, scattered)
                if rank is not None and (code not in ranks or rank < ranks[code]):
                    ranks[code] = rank
        if ranks:
            return sorted(ranks, key=lambda code: (ranks[code], code))
    return []


def _rank(reading: Reading, code: str, words: Sequence[Word], unfinished: bool, scattered: bool) -> Rank | None:
    """How well a procedure fits: named by the saying, the trust in the reading, the words as one phrase (with diacritics before
    without), how many words agree in their diacritics, where the phrase stands, how long the name is; None: not at all.

    Args:
        reading: what was typed.
        code, words: of the procedure.
        unfinished: whether the last word may be only begun.
        scattered: whether the words may stand anywhere, with the diacritics that were typed.
    """
    if code in reading.codes:
        return (-1, reading.codes.index(code))
    if len(reading.words) == 1 and _is_part_of_code(reading.words[0][0], code):
        return (reading.trust, 0)
    plain, names = [letters for _, letters in reading.words], [letters for _, letters in words]
    if unfinished:
        plain[-1] = _finished(plain[-1], plain[-2:-1], names)
    if not set(plain) <= set(names):
        return None
    if scattered:
        if not all(word in words or word[0] == word[1] for word in reading.words):
            return None
    elif _alone(plain, names) > 1:
        return None
    exact, loose = _place([word for word, _ in reading.words], [word for word, _ in words]), _place(plain, names)
    phrase = 0 if exact is not None else 1 if loose is not None else 2
    place = next((found for found in (exact, loose) if found is not None), len(words))
    return (reading.trust, phrase, -sum(word in words for word in reading.words), place, len(words))


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
        if whole[start : start + len(part)] == part:
            return start
    return None


def _sayings(typed: tuple[Word, ...], everyday: EverydayWords, day: date) -> Iterator[Reading]:
    """The readings in which everyday words are replaced by those of the procedures' names."""
    variants = [_Variant(typed)]
    for said, saying in everyday.on(day):
        variants = [new for variant in variants for new in variant.replaced(said, saying)][:_MOST_READINGS]
    for variant in variants:
        if variant.meant:
            others = _without_filler(variant.rest, everyday)
            yield Reading((*others, *variant.meant), () if others else variant.codes, AS_SAID)


@dataclass(frozen=True, slots=True)
class _Variant:
    """A reading under way: the words that are not replaced yet, what the others mean, and the codes for them."""

    rest: tuple[Word, ...]
    meant: tuple[Word, ...] = ()
    codes: tuple[str, ...] = ()

    def replaced(self, said: Sequence[Word], saying: Saying) -> list[_Variant]:
        """One variant for each meaning of what was said; itself if it was not said."""
        place = _said_at(said, self.rest)
        if place is None:
            return [self]
        rest = self.rest[:place] + self.rest[place + len(said) :]
        return [_Variant(rest, (*self.meant, *means), (*self.codes, *saying.codes)) for means in saying.means]


def _said_at(said: Sequence[Word], typed: Sequence[Word]) -> int | None:
    """Where somebody said this; words typed without diacritics may be any with those letters."""
    for start in range(len(typed) - len(said) + 1):
        if all(
            word == typed[start + offset] or typed[start + offset] == (word[1], word[1])
            for offset, word in enumerate(said)
        ):
            return start
    return None


def _without_filler(words: Sequence[Word], everyday: EverydayWords) -> tuple[Word, ...]:
    plain = {letters for _, letters in everyday.filler}
    return tuple(
        word for word in words if word not in everyday.filler and not (word[0] == word[1] and word[1] in plain)
    )
