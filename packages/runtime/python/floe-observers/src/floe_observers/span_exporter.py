"""Sends spans by OTLP, in small batches and with short waits, and counts what became of them."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from floe_runtime.observation import ObserverAbsentError
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, Context, attach, detach, set_value
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SpanExporter, SpanExportResult

from floe_observers.settings import TelemetrySettings, resolve_reference

SEND_LIMIT: Final = 3.0
"""Seconds for one batch."""
BATCH: Final = 256
INTERVAL: Final = 5.0
"""Seconds after which spans are sent, also when there are few."""
SPAN_LIMIT: Final = 10_000
"""Spans that wait; more are dropped and counted."""


def create_exporter(settings: TelemetrySettings, environ: Mapping[str, str]) -> SpanExporter:
    """The exporter of the settings; its credentials come from variables or files of this process."""
    if settings.exporter == "console":
        return ConsoleSpanExporter(out=sys.stderr, formatter=lambda span: span.to_json(indent=None) + "\n")
    headers = {}
    for name, reference in settings.headers.items():
        value = resolve_reference(reference, environ)
        if value is None:
            place = reference.rpartition(" ")[2]
            raise ObserverAbsentError(f"traces are off: the header {name} needs {place}, which is not there")
        headers[name] = value
    if settings.protocol == "http":
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter

        return HttpExporter(endpoint=traces_url(settings.endpoint), headers=headers, timeout=SEND_LIMIT)
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter

    lower = {name.lower(): value for name, value in headers.items()}
    insecure = not settings.endpoint.startswith("https:")
    return GrpcExporter(endpoint=settings.endpoint, insecure=insecure, headers=lower, timeout=SEND_LIMIT)


def traces_url(endpoint: str) -> str:
    """OTLP over HTTP takes traces at /v1/traces below the collector's address."""
    parts = urlsplit(endpoint)
    path = parts.path.rstrip("/")
    return urlunsplit(parts._replace(path=path if path.endswith("/v1/traces") else f"{path}/v1/traces"))


class SpanQueue(SpanProcessor):
    """Collects ended spans; `send` is called by the observer's thread only."""

    def __init__(self, exporter: SpanExporter, clock: Callable[[], float] = time.monotonic) -> None:
        """Sends nothing yet."""
        self._exporter = exporter
        self._clock = clock
        self._spans: deque[ReadableSpan] = deque()
        self._last = clock()
        self._hurried = threading.Event()
        self.sent = self.failed = self.dropped = 0

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Nothing."""

    def on_end(self, span: ReadableSpan) -> None:
        """Keeps the span."""
        if not span.context or not span.context.trace_flags.sampled:
            return
        if len(self._spans) >= SPAN_LIMIT:
            self.dropped += 1
        else:
            self._spans.append(span)

    def shutdown(self) -> None:
        """Ends waits of the exporter, from any thread."""
        self._hurried.set()
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Sends what is there."""
        self.send()
        return not self.failed

    def send_sometimes(self) -> None:
        """Sends when there is a batch, or when the last one is some time ago."""
        if len(self._spans) >= BATCH or (self._spans and self._clock() - self._last >= INTERVAL):
            self._send_batch()

    def send(self) -> None:
        """Sends everything; after a failure the rest counts as failed, too."""
        while self._spans:
            if self._hurried.is_set() or not self._send_batch():
                self.failed += len(self._spans)
                self._spans.clear()

    def _send_batch(self) -> bool:
        batch = [self._spans.popleft() for _ in range(min(BATCH, len(self._spans)))]
        self._last = self._clock()
        token = attach(set_value(_SUPPRESS_INSTRUMENTATION_KEY, True))
        try:
            taken = self._exporter.export(batch) is SpanExportResult.SUCCESS
        except Exception:
            taken = False
        finally:
            detach(token)
        if taken:
            self.sent += len(batch)
        else:
            self.failed += len(batch)
        return taken
