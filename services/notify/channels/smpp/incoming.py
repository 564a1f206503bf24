"""Stores what a network delivers: receipts in one transaction, messages of citizens one by one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from services.notify.channels.config.model import ProviderReceipt, ReceiptSink
from services.notify.channels.inbound_port import OnInbound
from services.notify.channels.smpp.pdu import Malformed, Message, Pdu, decode_message
from services.notify.channels.smpp.receipt_text import is_receipt, read_receipt, text_of
from services.notify.channels.smpp.settings import SmppSettings

log = logging.getLogger(__name__)

OK = 0x00000000
TRY_AGAIN = 0x00000064
"""ESME_RX_T_APPN: the network delivers it again later."""
NEVER_AGAIN = 0x00000065
"""ESME_RX_P_APPN."""


class Incoming:
    """Takes deliver_sm of one network.

    Args:
        settings: of the network.
        sink: stores receipts.
        on_inbound: stores a citizen's message.
        now: real time.
    """

    def __init__(
        self, settings: SmppSettings, sink: ReceiptSink, on_inbound: OnInbound, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._sink = sink
        self._on_inbound = on_inbound
        self._now = now

    def deliver(self, pdus: Sequence[Pdu]) -> list[int]:
        """Stores them; gives the command status of each answer.

        Args:
            pdus: deliver_sm.
        """
        results = [OK] * len(pdus)
        receipts: list[ProviderReceipt] = []
        of_receipts: list[int] = []
        for index, pdu in enumerate(pdus):
            try:
                message = decode_message(pdu.body)
            except Malformed:
                results[index] = NEVER_AGAIN
                continue
            if not is_receipt(message):
                results[index] = self._store_inbound(message)
            elif (receipt := read_receipt(message, self._now(), self._settings.receipt_ids)) is not None:
                receipts.append(receipt)
                of_receipts.append(index)
        if receipts and not self._store_receipts(receipts):
            for index in of_receipts:
                results[index] = TRY_AGAIN
        return results

    def _store_receipts(self, receipts: Sequence[ProviderReceipt]) -> bool:
        try:
            self._sink.receipts(self._settings.name, receipts)
        except Exception as error:  # noqa: BLE001 - the store is away: the network keeps them
            log.warning("receipts of %s could not be stored: %s", self._settings.name, type(error).__name__)
            return False
        return True

    def _store_inbound(self, message: Message) -> int:
        try:
            self._on_inbound(message.source.digits, message.destination.digits, text_of(message), self._now())
        except Exception as error:  # noqa: BLE001 - as above
            log.warning("a message through %s could not be stored: %s", self._settings.name, type(error).__name__)
            return TRY_AGAIN
        return OK
