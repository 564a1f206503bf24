"""What somebody may have meant who mistyped a word: wrong, missing or exchanged letters, words run together, Telex keys left in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import product

_LONG = 6
"""From this length on a word may have two mistakes; Vietnamese syllables have up to seven letters, most have three or four."""
_SHORTEST = 3
_MOST_FOR_A_WORD = 5
_MOST_TEXTS = 40
_TELEX_VOWELS = re.compile(r"aa|ee|oo|dd|[aou]w|w")
_TELEX_TONE = re.compile(r"[sfrxj](?=[a-z]{0,2}$)")


class Vocabulary:
    """The words that a search may find, without diacritics.

    Args:
        words: each as often as it stands in names; the more frequent of two corrections is tried first.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._count: dict[str, int] = {}
        for word in words:
            self._count[word] = self._count.get(word, 0) + 1

    def __contains__(self, word: str) -> bool:
        return word in self._count

    @cached_property
    def _by_deletion(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self._count:
            for variant in _deletions(word, _mistakes_in(word)):
                found.setdefault(variant, []).append(word)
        return found

    def corrections(self, word: str) -> list[tuple[int, tuple[str, ...]]]:
        """What a word may stand for, with the number of mistakes, the fewest first; the word itself is not among them."""
        found: dict[tuple[str, ...], int] = {}
        for telex in _without_telex(word):
            if telex in self._count:
                found[telex,] = 1
        for place in range(2, len(word) - 1):
            parts = word[:place], word[place:]
            if all(part in self._count for part in parts):
                found.setdefault(parts, 1)
        most = _mistakes_in(word)
        if most:
            for near in {near for variant in _deletions(word, most) for near in self._by_deletion.get(variant, ())}:
                mistakes = distance(word, near)
                if 0 < mistakes <= most:
                    found[near,] = min(mistakes, found.get((near,), mistakes))
        ranked = sorted(found.items(), key=lambda item: (item[1], -min(self._count[part] for part in item[0]), item[0]))
        return [(mistakes, parts) for parts, mistakes in ranked[:_MOST_FOR_A_WORD]]

    def corrected(self, typed: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield the texts that may have been meant, with the number of mistakes, the fewest first.

        Words that no name has are put right first. Where there are none, one of the words is replaced by another that is like it.

        Args:
            typed: words without diacritics.
        """
        unknown = [word for word in typed if word not in self._count]
        if unknown:
            options = [[(0, (word,))] if word in self._count else self.corrections(word) for word in typed]
            if all(options):
                yield from _combined(options)
            return
        texts: list[tuple[int, tuple[str, ...]]] = []
        for place, word in enumerate(typed):
            for mistakes, parts in self.corrections(word):
                if mistakes == 1:
                    texts.append((mistakes, (*typed[:place], *parts, *typed[place + 1 :])))
        yield from texts[:_MOST_TEXTS]


def _combined(options: Sequence[Sequence[tuple[int, tuple[str, ...]]]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    while len(options) > 1 and _size(options) > 4 * _MOST_TEXTS:
        longest = max(range(len(options)), key=lambda place: len(options[place]))
        options = [entry[:-1] if place == longest else entry for place, entry in enumerate(options)]
    texts = [
        (sum(mistakes for mistakes, _ in choice), tuple(word for _, parts in choice for word in parts))
        for choice in product(*options)
    ]
    yield from sorted(texts, key=lambda text: text[0])[:_MOST_TEXTS]


def _size(options: Sequence[Sequence[object]]) -> int:
    size = 1
    for entry in options:
        size *= len(entry)
    return size


def distance(one: str, other: str) -> int:
    """How many letters must be added, left out, replaced or exchanged with their neighbour (optimal string alignment)."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        here = [row]
        for column, wanted in enumerate(other, 1):
            cost = min(above[column] + 1, here[-1] + 1, above[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                cost = min(cost, before[column - 2] + 1)
            here.append(cost)
        before, above = above, here
    return above[-1]


def _mistakes_in(word: str) -> int:
    if len(word) < _SHORTEST or not word.isalpha():
        return 0
    return 2 if len(word) >= _LONG else 1


def _deletions(word: str, most: int) -> set[str]:
    found = {word}
    for _ in range(most):
        found |= {one[:place] + one[place + 1 :] for one in found for place in range(len(one)) if len(one) > 1}
    return found


def _without_telex(word: str) -> Iterator[str]:
    """A word typed with the keys of Telex but without its keyboard: ddaatj for đạt."""
    plain = _TELEX_VOWELS.sub(lambda keys: keys[0][0] if keys[0] != "w" else "u", word)
    for variant in (plain, _TELEX_TONE.sub("", plain, count=1)):
        if variant != word:
            yield variant
