"""The keys that protect personal data at rest: they encrypt it, and make the tokens by which it is found without being read.

AES-256-GCM (NIST SP 800-38D) with a random nonce for each value. What a value is for (table and column, or event type) and its row are the
associated data, so that a value which somebody moves to another place in the database does not open. Each purpose has a key of its own,
made from the key that the operator set. A sealed text begins with the id of its key, so that several keys can be in use while one
replaces another.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.runtime.keyed_hash import keyed_hash
from shared.runtime.random_bytes import random_bytes

NONCE_BYTES = 12
TOKEN_CHARACTERS = 24
"""96 bits: among 10^9 different words two would have one token with a chance of 10^-11."""
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,20}")
SEPARATOR = "."


class DataKeysError(ValueError):
    """The keys are not written as ``ID:KEY``, or an id is there twice."""


class UnreadableData(RuntimeError):
    """A sealed text cannot be opened: its key is missing, or it was changed or moved. The message holds no personal data."""


class WrongDataKeys(RuntimeError):
    """The keys of the settings do not open what a database holds. The message names the keys' ids, for the operator."""


class DataKeys:
    """Keys for personal data. The first one seals; all of them open and find.

    Args:
        keys: id and key of each, the key being a long random text.

    Raises:
        DataKeysError: there is none, an id is not valid, or one is there twice.
    """

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        self._keys = dict(keys)
        if not keys or len(self._keys) != len(keys):
            raise DataKeysError("there is no key" if not keys else "two keys have the same id")
        if not all(KEY_ID.fullmatch(id_) for id_ in self._keys):
            raise DataKeysError("the id of a key has up to 20 letters, digits, hyphens or underscores")
        self.ids = tuple(self._keys)
        self.first = self.ids[0]
        self._ciphers: dict[tuple[str, str], AESGCM] = {}

    def __repr__(self) -> str:
        return f"DataKeys({', '.join(self.ids)})"

    def seal(self, text: str, purpose: str, row: str) -> str:
        """Encrypts a text with the first key.

        Args:
            text: any.
            purpose: what it is, such as ``dossier.applicant_name``.
            row: identifies its row; it must be given again to open it.
        """
        nonce = random_bytes(NONCE_BYTES)
        sealed = nonce + self._cipher(self.first, purpose).encrypt(nonce, text.encode(), row.encode())
        return f"{self.first}{SEPARATOR}{base64.urlsafe_b64encode(sealed).decode()}"

    def unseal(self, sealed: str, purpose: str, row: str) -> str:
        """Decrypts a text.

        Raises:
            UnreadableData: its key is not among these, or it was not sealed for this purpose and row.
        """
        id_, separator, encoded = sealed.partition(SEPARATOR)
        if not separator or id_ not in self._keys:
            known = f"the key {id_!r}" if separator and KEY_ID.fullmatch(id_) else "a key"
            raise UnreadableData(f"{purpose} cannot be read: {known} is not among {', '.join(self.ids)}")
        try:
            raw = base64.urlsafe_b64decode(encoded)
            return self._cipher(id_, purpose).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], row.encode()).decode()
        except (ValueError, InvalidTag) as error:
            raise UnreadableData(
                f"{purpose} cannot be read: it was changed, moved, or sealed by another key"
            ) from error

    def token(self, word: str, purpose: str) -> str:
        """By what a word is found (blind index), made with the first key."""
        return self._token(self.first, word, purpose)

    def tokens(self, word: str, purpose: str) -> list[str]:
        """The word's tokens under all keys: which of them is stored depends on when it was written."""
        return [self._token(id_, word, purpose) for id_ in self.ids]

    def _token(self, id_: str, word: str, purpose: str) -> str:
        return keyed_hash(self._keys[id_], "blind index", f"{purpose}\n{word}")[:TOKEN_CHARACTERS]

    def _cipher(self, id_: str, purpose: str) -> AESGCM:
        cipher = self._ciphers.get((id_, purpose))
        if cipher is None:
            cipher = AESGCM(bytes.fromhex(keyed_hash(self._keys[id_], "personal data", purpose)))
            self._ciphers[id_, purpose] = cipher
        return cipher


def key_id(sealed: str) -> str:
    """The id of the key that sealed a text; empty if it is no sealed text. The text's first 21 characters suffice."""
    id_, separator, _ = sealed.partition(SEPARATOR)
    return id_ if separator and KEY_ID.fullmatch(id_) else ""


def parse_data_keys(text: str) -> list[tuple[str, str]]:
    """Reads ``ID:KEY`` pairs with commas or line ends between them.

    Raises:
        DataKeysError: one has no colon. The message does not repeat the text.
    """
    pairs = [part.strip().partition(":") for part in re.split(r"[,\n]", text) if part.strip()]
    if not all(separator and key for _, separator, key in pairs):
        raise DataKeysError("each key is written as ID:KEY, with commas or lines between them")
    return [(id_, key) for id_, _, key in pairs]
