"""Looking for viruses in a file while it is uploaded."""

from __future__ import annotations

import logging
from typing import IO

from shared.uploads.content import Unacceptable
from shared.virus_scan import Scanner, ScannerUnavailable, TooLargeToScan

log = logging.getLogger(__name__)


def is_clean(scanner: Scanner, file: IO[bytes]) -> bool:
    """Whether a file was scanned and found clean; False where the scanner is away, so that it must wait.

    Args:
        scanner: the platform's.
        file: read from its beginning; stands there again afterwards.

    Raises:
        Unacceptable: a virus was found, or the scanner takes no file of this size.
    """
    file.seek(0)
    try:
        found = scanner.scan(file)
    except TooLargeToScan as error:
        log.warning("the virus scanner takes no file of the size that may be uploaded, raise its limit: %s", error)
        raise Unacceptable(
            "Tệp quá lớn để kiểm tra vi-rút. Vui lòng giảm dung lượng rồi tải lên lại.",
            "The file is too large for the virus scanner. Please make it smaller and upload it again.",
        ) from error
    except ScannerUnavailable as error:
        log.warning("an uploaded file waits for the virus scanner: %s", error)
        return False
    finally:
        file.seek(0)
    if found:
        log.warning("a virus was found in an uploaded file, which is refused: %s", found)
        raise Unacceptable(
            "Tệp có vi-rút hoặc mã độc nên không được nhận. Vui lòng quét vi-rút trên thiết bị, rồi tải lên tệp khác.",
            "The file holds a virus, so it is not accepted. Please scan your device, and upload another file.",
        )
    return True
