"""How people say what they look for: official names or everyday words, with words around them that say nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from shared.catalogue.text import words_of

Word = tuple[str, str]
"""A word folded with its diacritics, and without."""

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
