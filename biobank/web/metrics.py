"""Counts for Prometheus: requests by status, and the time they took."""

import threading
import time
from collections import Counter

from flask import Flask, Response, current_app, g, request

KEY = "biobank.metrics"


class Metrics:
    """Of this process alone; counts never hold a code, a name or an address."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._seconds = 0.0
        self._failed_signings = 0

    def count(self, method: str, status: int, seconds: float) -> None:
        with self._lock:
            self._requests[method, status] += 1
            self._seconds += seconds

    def count_failed_signing(self) -> None:
        with self._lock:
            self._failed_signings += 1

    def lines(self) -> list[str]:
        """Prometheus' text format, version 0.0.4."""
        with self._lock:
            requests, seconds = sorted(self._requests.items()), self._seconds
            failed = self._failed_signings
        total = sum(count for _, count in requests)
        lines = ["# HELP biobank_requests_total Requests answered.", "# TYPE biobank_requests_total counter"]
        lines += [
            f'biobank_requests_total{{method="{method}",status="{status}"}} {count}'
            for (method, status), count in requests
        ]
        return [
            *lines,
            "# HELP biobank_request_seconds Time spent on answers.",
            "# TYPE biobank_request_seconds summary",
            f"biobank_request_seconds_sum {seconds:.6f}",
            f"biobank_request_seconds_count {total}",
            "# HELP biobank_failed_signings_total Signatures whose credentials were refused.",
            "# TYPE biobank_failed_signings_total counter",
            f"biobank_failed_signings_total {failed}",
        ]


def install_metrics(app: Flask) -> None:
    app.extensions[KEY] = Metrics()
    app.before_request(_start)
    app.after_request(_count)


def metrics_of(app: Flask) -> Metrics:
    metrics: Metrics = app.extensions[KEY]
    return metrics


def _start() -> None:
    g.began = time.perf_counter()


def _count(response: Response) -> Response:
    metrics_of(current_app).count(request.method, response.status_code, time.perf_counter() - g.began)
    return response
