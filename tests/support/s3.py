"""A real S3 server in a process of its own, which checks signatures: moto's, with one account that may do anything in S3."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from botocore.config import Config
from botocore.session import Session

from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.storage import S3Settings
from tests.support.processes import Proc, wait_port

REGION = "us-east-1"
SET_UP_CALLS = 3
"""Before the server checks who calls: what makes the account."""
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'


class S3Server:
    """The server; use it as a context manager.

    Args:
        log: file for its output.

    Attributes:
        process: can be paused and killed.
    """

    def __init__(self, log: Path) -> None:
        self._port = free_port()
        self.endpoint = f"http://127.0.0.1:{self._port}"
        program = "from moto.server import main; import sys; main(sys.argv[1:])"
        command = [sys.executable, "-c", program, "-H", "127.0.0.1", "-p", str(self._port)]
        self.process = Proc(command, log=log, env={"INITIAL_NO_AUTH_ACTION_COUNT": str(SET_UP_CALLS)})
        self._keys = ("", "")
        self._buckets = 0

    def __enter__(self) -> Self:
        wait_port(self._port, process=self.process)
        iam = self._client("iam", "set-up", "set-up")
        iam.create_user(UserName="motcua")
        made = iam.create_access_key(UserName="motcua")["AccessKey"]
        iam.put_user_policy(UserName="motcua", PolicyName="files", PolicyDocument=POLICY)
        self._keys = (made["AccessKeyId"], made["SecretAccessKey"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill9()

    def new_bucket(self, **settings: Any) -> S3Settings:
        """The settings of a new, empty bucket.

        Args:
            **settings: others than usual.
        """
        self._buckets += 1
        name = f"files-{self._buckets}"
        self._client("s3", *self._keys).create_bucket(Bucket=name)
        return S3Settings(self.endpoint, name, REGION, *self._keys, **settings)

    def content(self, settings: S3Settings) -> dict[str, bytes]:
        """All that is in a bucket, by its full name."""
        client = self._client("s3", *self._keys)
        found = client.list_objects_v2(Bucket=settings.bucket).get("Contents", ())
        return {one["Key"]: client.get_object(Bucket=settings.bucket, Key=one["Key"])["Body"].read() for one in found}

    def _client(self, service: Any, access_key: str, secret_key: str) -> Any:
        return Session().create_client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )
