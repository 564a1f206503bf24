"""A mobile network's message centre that speaks SMPP 3.4, as a process: ``python -m tests.support.smsc PORT CONTROL_PORT LOG [CERT KEY]``.

It reads and writes PDUs with another implementation than the platform's. Over HTTP on CONTROL_PORT a test tells it how to behave
(``POST /behaviour``), lets it send messages of citizens (``POST /inbound``), and asks what it has seen (``GET /seen``). Each message that
it takes is written to LOG before it is answered, so that a test can count what reached it whoever was killed.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import struct
import sys
import threading
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import smpp34

BIND_TRANSCEIVER, SUBMIT_SM, DELIVER_SM, UNBIND, ENQUIRE_LINK = 0x09, 0x04, 0x05, 0x06, 0x15
RESPONSE, GENERIC_NACK = 0x80000000, 0x80000000
TIME = "%y%m%d%H%M%S"


@dataclass
class Behaviour:
    """How it behaves.

    Attributes:
        bind_status: of the answer to a bind.
        delay: seconds before each answer to a submit_sm.
        statuses: of the next answers to submit_sm, one each; then 0.
        refused: destination → status of every answer about it.
        silent: takes all and answers nothing, like a line that was cut.
        drop_after: ends the link after so many more submit_sm, without an answer to the last one.
        receipts: none, after, before (the answer) or twice.
        receipt_form: text, tlv or both.
        receipt_state: in receipts.
        out_of_order: receipts of each ten messages come in reverse.
    """

    bind_status: int = 0
    delay: float = 0.0
    statuses: list[int] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    silent: bool = False
    drop_after: int = -1
    receipts: str = "none"
    receipt_form: str = "text"
    receipt_state: str = "DELIVRD"
    out_of_order: bool = False


STATES = {
    "ENROUTE": 1,
    "DELIVRD": 2,
    "EXPIRED": 3,
    "DELETED": 4,
    "UNDELIV": 5,
    "ACCEPTD": 6,
    "UNKNOWN": 7,
    "REJECTD": 8,
}


class Centre:
    """The message centre.

    Args:
        log: where messages are written.
    """

    def __init__(self, log: Path) -> None:
        self.behaviour = Behaviour()
        self.log = log.open("ab", buffering=0)
        self.count = 0
        self.binds: list[dict[str, Any]] = []
        self.enquiries = 0
        self.unbinds = 0
        self.answers_to_deliver: list[int] = []
        self.most_outstanding = 0
        self.outstanding = 0
        self.links: list[Link] = []
        self.held: list[bytes] = []

    def next_id(self) -> str:
        """Ids never repeat, also after a restart."""
        self.count += 1
        return f"{datetime.now():%H%M%S%f}-{self.count}"

    def seen(self) -> dict[str, Any]:
        """What it has seen, for the control port."""
        return {
            "binds": self.binds,
            "enquiries": self.enquiries,
            "unbinds": self.unbinds,
            "answers": self.answers_to_deliver,
            "most_outstanding": self.most_outstanding,
            "links": len(self.links),
        }


class Link:
    """One connection."""

    def __init__(self, centre: Centre, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.centre, self.reader, self.writer = centre, reader, writer
        self.sequence = 0
        self.loop = asyncio.get_running_loop()

    async def serve(self) -> None:
        """Reads until the other side ends."""
        centre = self.centre
        try:
            while True:
                head = await self.reader.readexactly(4)
                length = int.from_bytes(head)
                pdu = head + await self.reader.readexactly(length - 4)
                if centre.behaviour.silent:
                    continue
                if not self.take(pdu):
                    break
        except (asyncio.IncompleteReadError, ConnectionError, smpp34.SmppError):
            pass
        finally:
            if self in centre.links:
                centre.links.remove(self)
            self.writer.close()

    def write(self, command: int, status: int, sequence: int, body: bytes = b"") -> None:
        """Sends a PDU."""
        if not self.writer.is_closing():
            self.writer.write(struct.pack(">IIII", 16 + len(body), command, status, sequence) + body)

    def take(self, pdu: bytes) -> bool:
        """Handles a PDU; false ends the link."""
        centre = self.centre
        command, status, sequence = struct.unpack(">III", pdu[4:16])
        if command == SUBMIT_SM:
            return self.submitted(smpp34.decode(pdu))
        if command == BIND_TRANSCEIVER:
            texts = pdu[16:].split(b"\0")
            bind = {
                "system_id": texts[0].decode(),
                "password": texts[1].decode(),
                "version": pdu[16 + sum(map(len, texts[:3])) + 3],
            }
            centre.binds.append(bind)
            self.write(command | RESPONSE, centre.behaviour.bind_status, sequence, b"simulated\0\x02\x10\x00\x01\x34")
            if not centre.behaviour.bind_status:
                centre.links.append(self)
        elif command == ENQUIRE_LINK:
            centre.enquiries += 1
            self.write(command | RESPONSE, 0, sequence)
        elif command == UNBIND:
            centre.unbinds += 1
            self.write(command | RESPONSE, 0, sequence)
            return False
        elif command == DELIVER_SM | RESPONSE:
            centre.answers_to_deliver.append(status)
        elif command & RESPONSE == 0:
            self.write(GENERIC_NACK, 3, sequence)
        return True

    def submitted(self, message: Any) -> bool:
        """Answers a submit_sm as the behaviour says."""
        centre, behaviour = self.centre, self.centre.behaviour
        centre.outstanding += 1
        centre.most_outstanding = max(centre.most_outstanding, centre.outstanding)
        status = behaviour.statuses.pop(0) if behaviour.statuses else behaviour.refused.get(message.destination_addr, 0)
        message_id = centre.next_id() if not status else ""
        if not status:
            entry = {
                "id": message_id,
                "source": message.source_addr,
                "source_ton": message.source_addr_ton,
                "destination": message.destination_addr,
                "destination_ton": message.dest_addr_ton,
                "message": message.short_message.hex(),
                "esm_class": message.esm_class,
                "data_coding": message.data_coding,
                "registered_delivery": message.registered_delivery,
                "tlvs": {str(tlv.tag): tlv.value.hex() for tlv in message.tlvs},
            }
            centre.log.write(json.dumps(entry).encode() + b"\n")
        if behaviour.drop_after > 0:
            behaviour.drop_after -= 1
            if behaviour.drop_after == 0:
                self.writer.transport.abort()
                return False
        if not status and behaviour.receipts == "before":
            self.receipt(message, message_id)
        if behaviour.delay:
            self.loop.call_later(behaviour.delay, self.answer, message, status, message_id)
        else:
            self.answer(message, status, message_id)
        return True

    def answer(self, message: Any, status: int, message_id: str) -> None:
        """Answers a submit_sm, and sends its receipt."""
        self.centre.outstanding -= 1
        if self.centre.behaviour.silent:
            return
        body = message_id.encode() + b"\0" if not status else b""
        self.write(SUBMIT_SM | RESPONSE, status, message.sequence_number, body)
        if not status and self.centre.behaviour.receipts in ("after", "twice"):
            for _ in range(2 if self.centre.behaviour.receipts == "twice" else 1):
                self.receipt(message, message_id)

    def receipt(self, message: Any, message_id: str) -> None:
        """Sends a receipt, or holds it back to send ten in reverse."""
        behaviour, centre = self.centre.behaviour, self.centre
        now, tlvs, text = datetime.now().strftime(TIME), [], ""
        if behaviour.receipt_form in ("text", "both"):
            error = "000" if behaviour.receipt_state == "DELIVRD" else "021"
            text = (
                f"id:{message_id} sub:001 dlvrd:001 submit date:{now} done date:{now} "
                f"stat:{behaviour.receipt_state} err:{error} text:"
            )
        if behaviour.receipt_form in ("tlv", "both"):
            tlvs = [
                smpp34.Tlv(smpp34.TLV_RECEIPTED_MESSAGE_ID, message_id.encode() + b"\0"),  # type: ignore[attr-defined, unused-ignore]
                smpp34.Tlv(smpp34.TLV_MESSAGE_STATE, bytes([STATES[behaviour.receipt_state]])),  # type: ignore[attr-defined, unused-ignore]
                smpp34.Tlv(0x1401, b"a network's own"),
            ]
        pdu = self.deliver(message.destination_addr, message.source_addr, text.encode(), 4, 0, tlvs)
        if not behaviour.out_of_order:
            self.writer.write(pdu)
            return
        centre.held.append(pdu)
        if len(centre.held) == 10:
            for one in reversed(centre.held):
                self.writer.write(one)
            centre.held.clear()

    def deliver(
        self, source: str, destination: str, text: bytes, esm_class: int, data_coding: int, tlvs: list[Any]
    ) -> bytes:
        """A deliver_sm."""
        self.sequence += 1
        message = smpp34.DeliverSm(
            source,
            destination,
            text,
            esm_class=esm_class,
            data_coding=data_coding,
            tlvs=tlvs,
            sequence_number=self.sequence,
        )
        return message.encode()


def control(centre: Centre, loop: asyncio.AbstractEventLoop, port: int) -> None:
    """Serves the control port in a thread of its own."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def reply(self, value: Any) -> None:
            content = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self.reply(centre.seen())

        def do_POST(self) -> None:
            data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            done = threading.Event()

            def act() -> None:
                if self.path == "/behaviour":
                    for name, value in data.items():
                        setattr(centre.behaviour, name, value)
                elif self.path == "/inbound":
                    link = centre.links[-1]
                    coding = data.get("data_coding", 0)
                    text = data["text"].encode("utf-16-be" if coding == 8 else "ascii")
                    link.writer.write(link.deliver(data["source"], data["destination"], text, 0, coding, []))
                elif self.path == "/drop":
                    for link in list(centre.links):
                        link.writer.transport.abort()
                elif self.path == "/raw":
                    centre.links[-1].writer.write(bytes.fromhex(data["bytes"]))
                done.set()

            loop.call_soon_threadsafe(act)
            done.wait(5)
            self.reply({})

    threading.Thread(target=ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever, daemon=True).start()


async def main(port: int, control_port: int, log: Path, certificate: str = "", key: str = "") -> None:
    """Serves until the process ends."""
    centre = Centre(log)
    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
    server = await asyncio.start_server(lambda r, w: Link(centre, r, w).serve(), "127.0.0.1", port, ssl=tls)
    control(centre, asyncio.get_running_loop(), control_port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:6]))
